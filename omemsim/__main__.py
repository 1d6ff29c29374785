"""``python -m omemsim`` is the same as ``omemsim``."""

import sys

from omemsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
