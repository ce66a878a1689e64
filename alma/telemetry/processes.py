"""Several processes behind one port: the folder in which their meters meet.

The client library takes the folder from a variable of the environment, and must know of it before the first meter is
made; operators may set that variable, and otherwise ALMA sees by itself when a server has several processes.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
from pathlib import Path

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

from alma.telemetry.allocated import Allocated

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

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
    os.environ[VARIABLE] = str(folder)
    values.MmapedDict = Allocated  # type: ignore[attr-defined]  # what its values are kept in
    values.ValueClass = values.MultiProcessValue()


def forget_the_dead(folder: Path) -> None:
    """Removes what processes that are gone had open. What they counted stays counted."""
    owners = {int(found[1]) for file in folder.iterdir() if (found := _OWNER.fullmatch(file.name))}
    for owner in owners:
        if not _alive(owner):
            mark_process_dead(owner, str(folder))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
