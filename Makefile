# `make demo` runs the main job, `make test` checks everything; each first sets up .venv.
ifeq ($(OS),Windows_NT)
PYTHON ?= python
PY := .venv/Scripts/python
else
PYTHON ?= python3
PY := .venv/bin/python
endif
PIP := $(PY) -m pip --disable-pip-version-check --quiet install --no-compile
# pip would compile Python's files one after the other; this does it on all cores.
BYTECODE := $(PY) -m compileall -qq -j 0 -x '/tests/' .venv/lib || true

# The spell checker is a tool of this checkout, not of the package: docs and code, no names of ours.
SPELLER := 'codespell>=2.4,<3'

.PHONY: help demo class always check test docs experiments wheel tried oldest words mutants clean environment

help:
	@echo 'make demo   set up and compare three strategies in a small town (about a minute)'
	@echo 'make class  set up and serve the class page; for a network: make class CLASS=host=0.0.0.0'
	@echo 'make check  lint, spelling, types and a few quick tests, in about a minute; or tests of your choice'
	@echo '            with make check PART=tests/unit/test_noise.py'
	@echo 'make test   set up and run lint, types and all tests (10 to 15 minutes)'
	@echo 'make docs   do what the tutorials say and build the site in docs/_build/html (2 minutes)'
	@echo 'make experiments  the numbered questions of experiments/, with their figures (10 minutes;'
	@echo '            stopped, it goes on where it was; some of them with make experiments ONLY="03 07")'
	@echo 'make wheel  make dist/omemsim-*.whl and .tar.gz, with the week compiled for Linux (x86-64, ARM)'
	@echo 'make tried  do what the tutorials say with that wheel alone; of another Python with'
	@echo '            make tried PYTHON=python3.13'
	@echo 'make oldest run a few tests with the oldest libraries that pyproject.toml allows'
	@echo 'make words  collect the texts that people read, and compile their French'
	@echo 'make mutants ROOM=omemsim/study/noise.py TESTS=tests/unit/test_noise.py'
	@echo '            put small mistakes into a module, one at a time, and list those no test sees'
	@echo 'make clean  remove the environment (.venv) and caches'

demo: .venv/.installed
	@$(PY) -m omemsim demo

CLASS ?=

class: .venv/.installed-app .venv/.class

# Ctrl-C reaches make and the server. A signal to make alone (`kill -INT`) does not: make takes away the
# file that it is making, and waits. So a class is a file being made, and the server is told when it is
# gone; not at once, since after Ctrl-C it is ending already.
ENDING ?= 4
.venv/.class: always
	@touch $@
	@server=$$$$ ; \
	{ while kill -0 $$server && test -e $@ ; do sleep 1 ; done ; \
	  test -e $@ || { sleep $(ENDING) ; kill -INT $$server ; } ; } >/dev/null 2>&1 & \
	exec $(PY) -m omemsim class $(CLASS)
always:

# For the part one works on; by default quick tests of every layer, which compile nothing.
PART ?= tests/architecture/test_layers.py tests/architecture/test_extras.py \
  tests/architecture/test_glossary.py tests/architecture/test_contributing.py \
  tests/unit/test_wheel.py tests/unit/test_rates.py tests/unit/test_config.py \
  tests/unit/test_tables.py tests/unit/test_design.py tests/unit/test_noise.py \
  tests/unit/test_present.py tests/unit/test_html.py

check: .venv/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m codespell_lib
	$(PY) -m mypy
	$(PY) -m pytest -q $(PART)

test: .venv/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest -n 2

# The tutorials first: they make the figures that pages show, and what they no longer do is an error.
docs: .venv/.installed-docs
	@$(PY) docs/drawings.py
	@$(PY) docs/walk.py
	@$(PY) -m sphinx -q --fail-on-warning --keep-going -b html docs docs/_build/html
	@echo 'Open docs/_build/html/index.html'

# Runs are kept in omemsim-results/store, so that a stopped study goes on and a new figure is quick.
ONLY ?=

experiments: .venv/.installed
	@$(PY) experiments/run_all.py $(ONLY)

# A checkout keeps no libraries: a change of a source would make them void. The sources' archive
# carries them as the wheel does, so that what is installed from it starts as quickly.
wheel: .venv/.installed
	@echo 'Compiling the week for each kind of machine (about a minute) ...'
	@$(PY) -m omemsim.compiling.shipping
	@$(PY) -c 'import build' 2>/dev/null || $(PIP) 'build>=1.2'
	@$(PY) -m build --outdir dist . >/dev/null ; \
	  made=$$? ; rm -rf omemsim/compiled ; exit $$made
	@ls dist/omemsim-*

# As somebody new has it: the wheel alone, in a folder whose name has spaces and accents and which cannot
# be written to, without a home and, on Linux, without a network. What a tutorial shows must come out.
TRIED := .venv-tried
TRIED_AT := $(TRIED)/chez nous, à l’essai
TRIED_PY := $(TRIED_AT)/$(PY:.venv/%=%)
PAGES ?=
UNSHARE := unshare --map-root-user --net --mount
SHUT_OFF = $(if $(shell $(UNSHARE) true 2>/dev/null && echo yes),$(UNSHARE) sh -ec 'ip link set lo up; \
  mount --bind $(TRIED) $(TRIED); mount -o remount -o bind -o ro $(TRIED); exec "$$@"' sh)

tried:
	@ls dist/omemsim-*.whl >/dev/null 2>&1 || { echo 'First: make wheel' >&2; exit 1; }
	@'$(PYTHON)' -m venv --clear "$(TRIED_AT)"
	@"$(TRIED_PY)" -m pip --disable-pip-version-check --quiet install \
	  "$$(ls -t dist/omemsim-*.whl | head -n 1)[cluster]"
	@env -i PATH="$$PATH" HOME=/dev/null $(SHUT_OFF) \
	  "$(TRIED_PY)" docs/walk.py with="$(TRIED_PY)" $(PAGES)

# In an environment of its own: what `requires` says must be true at the other end, too. uv can
# choose the oldest of what is declared; what only those ask for is as new as can be, and they warn of it.
OLDEST := .venv-oldest
OLD_TESTS ?= tests/unit/test_rates.py tests/unit/test_config.py tests/unit/test_tables.py \
  tests/unit/test_noise.py tests/unit/test_present.py

oldest: .venv/.installed-dev
	@$(PY) -c 'import uv' 2>/dev/null || $(PIP) 'uv>=0.5'
	@$(PY) -m uv venv --quiet --clear --python $(PY) $(OLDEST)
	@$(PY) -m uv pip install --quiet --python $(OLDEST) --resolution lowest-direct \
	  --editable '.[dev,xarray]'
	$(OLDEST)/bin/python -m pytest -q -n 0 -W default $(OLD_TESTS)

# What has no French yet is listed; translate it in the .po file, and make it again.
words: .venv/.installed-dev
	@$(PY) -m omemsim.language.catalogue

# One module at a time: all of them would take hours. What is listed is to be read: a mistake that
# changes nothing anybody sees, as the type of an error's text, is no gap in the tests.
ROOM ?= omemsim/study/noise.py
TESTS ?= tests/unit/test_noise.py

mutants: .venv/.installed-dev
	@$(PY) -c 'import mutmut' 2>/dev/null || $(PIP) 'mutmut>=3.8,<4'
	@rm -rf .mutants && mkdir .mutants && cp -R omemsim configs tests pyproject.toml README.md .mutants
	@{ echo '[tool.mutmut]'; echo 'source_paths = ["omemsim"]'; echo 'only_mutate = ["$(ROOM)"]'; \
	  echo 'also_copy = ["configs"]'; echo 'pytest_add_cli_args_test_selection = ['; \
	  for one in $(TESTS); do echo "\"$$one\","; done; echo ']'; } >> .mutants/pyproject.toml
	cd .mutants && ../$(PY) -m mutmut run && ../$(PY) -m mutmut results

clean:
	rm -rf .venv .venv-oldest .venv-tried .mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/_build docs/experiments

# The stamps say for which pyproject.toml the environment was made.
.venv/.installed: pyproject.toml | .venv/.made
	@echo 'Installing omemsim in .venv (a minute or two, only the first time) ...'
	@$(PIP) --editable .
	@$(BYTECODE)
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/.made
	@echo 'Installing omemsim and its test tools in .venv (a few minutes, only the first time) ...'
	@$(PIP) --editable '.[dev]' $(SPELLER)
	@$(BYTECODE)
	@touch $@ .venv/.installed .venv/.installed-app

.venv/.installed-app: pyproject.toml | .venv/.made
	@echo 'Installing omemsim and its class server in .venv (a minute or two, only the first time) ...'
	@$(PIP) --editable '.[app]'
	@$(BYTECODE)
	@touch $@ .venv/.installed

.venv/.installed-docs: pyproject.toml | .venv/.made
	@echo 'Installing omemsim and what its documentation is built with in .venv (a minute or two) ...'
	@$(PIP) --editable '.[docs]'
	@touch $@ .venv/.installed

.venv/.made:
	@$(PY) -m pip --version >/dev/null 2>&1 || $(MAKE) --silent environment
	@touch $@

environment:
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo 'Python is missing. Debian or Ubuntu: sudo apt install python3 python3-venv'; \
	  echo 'Fedora: sudo dnf install python3    macOS: brew install python3'; \
	  echo 'If it stands elsewhere, name it: make demo PYTHON=/path/to/python3.12'; exit 1; } >&2
	@'$(PYTHON)' -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { \
	  echo "omemsim needs Python 3.11 to 3.14; this is $$('$(PYTHON)' --version 2>&1)."; \
	  echo 'Name another one: make demo PYTHON=/path/to/python3.12'; exit 1; } >&2
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'This Python cannot make environments: its venv package is missing.'; \
	  echo 'Debian or Ubuntu: sudo apt install python3-venv    Fedora: sudo dnf install python3-pip'; \
	  exit 1; } >&2
	@echo 'Making an environment of its own in .venv ...'
	@'$(PYTHON)' -m venv --clear .venv
