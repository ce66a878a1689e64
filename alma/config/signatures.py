"""The signatures of trouble: what is shipped, and what an installation adds in `signatures.yaml`, read anew when that
has changed."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from alma.config.parsed import parsed
from alma.core.services.diagnosing.signatures import (
    SignatureBook,
    SignatureFile,
    read_signatures,
)

NAME = "signatures.yaml"


def signature_book(folder: Path | None = None, *, kept: Path | None = None) -> SignatureBook:
    """What is shipped, then `folder/signatures.yaml`. A file that can't be read is a problem in the book, not a reason
    to know nothing. `kept` is a folder for what makes the next process read it sooner."""
    return _book(*_own(folder), kept)


@cache
def _shipped(kept: Path | None) -> SignatureFile:
    content = files("alma.config").joinpath(NAME).read_bytes()
    return SignatureFile(NAME, content.decode(), parsed("signatures", content, kept))


@lru_cache(maxsize=8)
def _book(text: str | None, fault: str | None, kept: Path | None) -> SignatureBook:
    missing = text is None and fault is None
    own = [] if missing else [SignatureFile(f"config/{NAME}", text or "", fault=fault)]
    return read_signatures([_shipped(kept), *own])


def _own(folder: Path | None) -> tuple[str | None, str | None]:
    """The text of somebody's own file, or why it can't be read; neither where there is none."""
    if folder is None:
        return None, None
    try:
        return (folder / NAME).read_bytes().decode(), None
    except FileNotFoundError:
        return None, None
    except OSError as error:
        return None, f"can't be read: {error.strerror}"
    except UnicodeDecodeError:
        return None, "is not written in UTF-8"
