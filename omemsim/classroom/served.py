"""Files that the server sends, made once before it begins: no request names a file on the disk."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

__all__ = ["POLICY", "File", "file_of"]

# Of pages and answers of the server's own; the class page brings one with its own digests.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class File:
    """What is sent for a path.

    Attributes
    ----------
    body, packed : what is sent, plain and compressed with gzip.
    kind : of the content, as "text/html".
    policy : the content security policy of a page.
    etag : by which a browser knows that it has this file already.
    """

    body: bytes
    packed: bytes
    kind: str
    policy: str
    etag: str


def file_of(text: str, kind: str, policy: str = POLICY) -> File:
    """Return a text as it is sent, plain and compressed.

    Parameters
    ----------
    text : of the file.
    kind : its type, as "text/html".
    policy : what a page of it may load and run.
    """
    body = text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    return File(body, gzip.compress(body, 6, mtime=0), kind, policy, etag)
