"""Several processes behind one port: the folder in which their meters meet.

The client library takes the folder from a variable of the environment, and must know of it before the first meter is
made; operators may set that variable, and otherwise ALMA sees by itself when a server has several processes.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import values
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from alma.telemetry.allocated import Allocated

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_BROKEN = (struct.error, ValueError, TypeError, LookupError, RuntimeError, OSError)
_BEGUN: set[tuple[int, Path]] = set()
"""Which processes this one is, or was forked from, and in which folders they have begun to count."""
_TOLD: set[str] = set()

logger = logging.getLogger(__name__)

_OWNER = re.compile(r"(?:counter|histogram|gauge_[a-z]+)_(\d+)\.db")


def folder_of(home: Path, given: str | None) -> Path | None:
    """Where this process meets the others of its server; None for one that is alone.

    `given` is what the operator says. Without it, processes that one parent has started meet in a folder of that
    parent's, and what earlier parents have left is removed.
    """
    if given:
        return Path(given)
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None:
        return None
    base = home / "metrics"
    for other in base.glob("*"):
        if other.name.isdecimal() and not _alive(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    return base / str(parent.pid)


def share(folder: Path) -> None:
    """Makes the meters of this process keep their values there, from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    forget_the_dead(folder)
    begun = (os.getpid(), folder)
    if begun not in _BEGUN:
        # Numbers come again, in a container at every start: what is there is of a process that is gone.
        _BEGUN.add(begun)
        mark_process_dead(os.getpid(), str(folder))
        for file in folder.glob(f"*_{os.getpid()}.db"):
            if not _readable(str(file)):
                file.unlink()
    os.environ[VARIABLE] = str(folder)
    values.MmapedDict = Allocated  # type: ignore[attr-defined]  # what its values are kept in
    values.ValueClass = values.MultiProcessValue()


def forget_the_dead(folder: Path) -> None:
    """Removes what processes that are gone had open. What they counted stays counted."""
    owners = {int(found[1]) for file in folder.iterdir() if (found := _OWNER.fullmatch(file.name))}
    for owner in owners:
        if not _alive(owner):
            mark_process_dead(owner, str(folder))


class Together(MultiProcessCollector):
    """What all processes of a folder have counted. A file that was broken off, by a full disk or a loss of power, is
    left out: it must not keep everybody else's figures back."""

    def __init__(self, folder: Path) -> None:
        super().__init__(None, path=str(folder))  # type: ignore[no-untyped-call]  # the library's
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        files = sorted(map(str, self._folder.glob("*.db")))
        found = _merged(files)
        if found is None:
            found = _merged([file for file in files if _readable(file)])
        return found or ()


def _merged(files: list[str]) -> Iterable[Metric] | None:
    """None when one of them can't be read."""
    try:
        # Not told apart by when it happens: any part of such a file may be anything.
        return list(MultiProcessCollector.merge(files))
    except _BROKEN:
        return None


def _readable(file: str) -> bool:
    if _merged([file]) is not None:
        return True
    if file not in _TOLD:
        _TOLD.add(file)
        logger.warning("the figures in %s can't be read and are left out", file)
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
