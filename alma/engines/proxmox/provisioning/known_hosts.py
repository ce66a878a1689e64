"""Which host key each guest has shown: taken at the first contact, the only one accepted from then on.

The file has OpenSSH's format, so that people can use it (`ssh -o HostKeyAlias=… -o UserKnownHostsFile=…`). Guests are
kept under an alias of their own, since addresses are handed on from one guest to the next. Several processes may write:
each reads and appends under one lock.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


class HostKeyChanged(Exception):
    """The guest shows another key than the one that was kept for its alias."""

    def __init__(self, alias: str, *, kept: str, shown: str) -> None:
        super().__init__(f"the host key of {alias} has changed")
        self.alias, self.kept, self.shown = alias, kept, shown


def known_keys(path: Path, alias: str) -> tuple[str, ...]:
    """The keys kept for the alias (`ssh-ed25519 AAAA…`), oldest first; none when there is no file."""
    with contextlib.suppress(FileNotFoundError):
        return _keys(path.read_text(), alias)
    return ()


def remember(path: Path, alias: str, *, key: str) -> bool:
    """Keeps the key of a guest that was unknown, and says whether it was. Raises HostKeyChanged when another key is
    kept, also when another process has kept it a moment ago."""
    with _locked(path):
        kept = known_keys(path, alias)
        if key in kept:
            return False
        if kept:
            raise HostKeyChanged(alias, kept=kept[0], shown=key)
        with path.open("a") as file:
            file.write(f"{alias} {key}\n")
    return True


def forget(path: Path, alias: str) -> None:
    """Takes the alias away, for a guest that is no more. One that is unknown is fine."""
    with _locked(path):
        if not known_keys(path, alias):
            return
        lines = path.read_text().splitlines(keepends=True)
        staged = path.with_suffix(".new")
        staged.write_text("".join(line for line in lines if line.split()[:1] != [alias]))
        staged.replace(path)


def _keys(text: str, alias: str) -> tuple[str, ...]:
    rows = (line.split() for line in text.splitlines())
    return tuple(f"{row[1]} {row[2]}" for row in rows if len(row) >= 3 and row[0] == alias)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
