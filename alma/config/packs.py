"""Files of rules: what is shipped, somebody's own, a project's. They are read anew when one of them has changed.

- `<folder>/policies/*.yaml` holds for every project;
- `<folder>/policies/<project>/*.yaml` for that project only.

A file that can't be read is a problem to show, not a reason to judge nothing: its place is taken by its fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from alma.config.parsed import parsed
from alma.core.model.errors import BlueprintInvalid, NotFound
from alma.core.policy.packs import Pack


class PolicyFiles:
    """The packs of an installation. `folder` is where people keep theirs; `kept` makes the next process read sooner."""

    def __init__(self, folder: Path | None = None, *, kept: Path | None = None) -> None:
        self._folder = folder
        self._kept = kept

    def packs(self, project: str) -> Sequence[Pack]:
        """What is shipped, then everybody's, then the project's, each in the order of names. Own files are named by
        their path below the folder: `policies/shop/own.yaml`."""
        return [*_shipped(self._kept), *self._own(project)]

    def _own(self, project: str) -> Iterator[Pack]:
        top = self._folder / "policies" if self._folder else None
        if top is None or not top.is_dir():
            return
        homes = (entry for entry in top.iterdir() if entry.is_dir() and entry.name == project)
        for home in (top, *homes):
            for file in sorted(home.glob("*.yaml")):
                yield _read(file, file.relative_to(top.parent).as_posix())


def packs_at(path: str | Path) -> Sequence[Pack]:
    """The packs of one file, or of a folder's files. Raises NotFound when there is none."""
    place = Path(path).expanduser()
    found = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    if not found or not found[0].is_file():
        raise NotFound(f"there is no file of rules at {place}", hint="rules stand in .yaml files")
    return [_read(file, str(file)) for file in found]


def _read(file: Path, name: str) -> Pack:
    try:
        return Pack(name, file.read_bytes().decode())
    except OSError as error:
        return Pack(name, "", fault=f"can't be read: {error.strerror}")
    except UnicodeDecodeError:
        return Pack(name, "", fault="is not written in UTF-8")


@cache
def _shipped(kept: Path | None) -> tuple[Pack, ...]:
    folder = files("alma.config").joinpath("policies")
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return tuple(_pack(file.name, file.read_bytes(), kept) for file in found)


def _pack(name: str, content: bytes, kept: Path | None) -> Pack:
    reading = partial(parsed, f"policies/{name.removesuffix('.yaml')}", content, kept)
    try:
        return Pack(name, content.decode(), reading())
    except BlueprintInvalid:
        return Pack(
            name, content.decode()
        )  # read once more by those who can say where the fault is
