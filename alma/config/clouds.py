"""The price books of clouds: what is shipped, and what people changed or added in their own folder.

`<folder>/prices/<provider>.yaml` changes single figures of a shipped book, or is the whole book of another provider. It
is laid over what is shipped key by key, down to the price of one type in one region. A plain number in it is a price
that somebody entered, and is shown as that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alma.config.loading import content_of, invalid_file, read_file, told
from alma.config.parsed import parsed
from alma.core.economics.cloudbook import CloudBook
from alma.core.economics.figures import entered
from alma.core.model.document import read_text
from alma.core.model.faults import faults_of
from alma.core.model.yaml_writer import write_yaml

SHIPPED = ("aws", "azure", "gcp")
ONPREM = "onprem"
_HEAD = "# Prices of your own. They are laid over what is shipped; docs/costs.md tells what may stand here.\n\n"
_PRICES = ("hour", "spot", "year_1", "year_3")


@cache
def load_clouds(path: Path | None = None, *, kept: Path | None = None) -> Mapping[str, CloudBook]:
    """The price books by provider, the shipped ones first. Raises InvalidInput that names file and field of every
    mistake in the first faulty book."""
    names = dict.fromkeys([*SHIPPED, *_own_names(path)])
    return {name: _book(name, path, kept) for name in names}


def save_prices(
    path: Path, provider: str, changes: Mapping[str, Any], *, kept: Path | None = None
) -> Path:
    """Lays prices over what somebody's own book of a provider says already, and writes it. Raises InvalidInput, and
    changes nothing, where that would be no valid book."""
    file = path / "prices" / f"{provider}.yaml"
    before: Mapping[str, Any] = {}
    if file.exists():
        _, before = read_file(str(file), partial(read_text, content_of(file), format="yaml"))
    after = _laid(before, changes)
    if provider not in SHIPPED:
        after.setdefault("usual_region", next(iter(after.get("regions") or {}), ""))
    _checked(str(file), provider, _laid(_shipped(provider, kept), _sourced(after)))
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(f"{_HEAD}{write_yaml(after)}", encoding="utf-8")
    draft.replace(file)
    load_clouds.cache_clear()
    return file


def _own_names(path: Path | None) -> list[str]:
    found = sorted((path / "prices").glob("*.yaml")) if path else []
    return [file.stem for file in found if file.stem != ONPREM]


def _book(name: str, path: Path | None, kept: Path | None) -> CloudBook:
    source, document = f"prices/{name}.yaml", _shipped(name, kept)
    own = path / source if path else None
    if own is not None and own.exists():
        source = str(own)
        _, changed = read_file(source, partial(read_text, content_of(own), format="yaml"))
        document = _laid(document, _sourced(changed))
    return _checked(source, name, document)


def _shipped(name: str, kept: Path | None) -> dict[str, Any]:
    if name not in SHIPPED:
        return {}
    source = f"prices/{name}.yaml"
    content = files("alma.config").joinpath(source).read_bytes()
    return dict(read_file(source, partial(parsed, f"prices/{name}", content, kept))[1])


def _checked(source: str, name: str, document: Mapping[str, Any]) -> CloudBook:
    document = {"id": name, "provider": name, "title": name, **document}
    try:
        return CloudBook.model_validate(document)
    except ValidationError as error:
        found_faults = faults_of(error, document, model=CloudBook)
        raise invalid_file(source, [told(fault) for fault in found_faults]) from None


def _laid(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged, anything else is replaced; a figure with its source is one thing."""
    merged = dict(under)
    for key, value in over.items():
        known = merged.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping) and "value" not in value
        merged[key] = _laid(known, value) if both and isinstance(known, Mapping) else value
    return merged


def _sourced(changed: Mapping[str, Any]) -> dict[str, Any]:
    """Plain prices of types as figures that somebody entered; anything of another form is left for the checks."""
    types = changed.get("types")
    if not isinstance(types, Mapping):
        return dict(changed)
    return {**changed, "types": {name: _type(entry) for name, entry in types.items()}}


def _type(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    return {
        key: {region: entered(price) for region, price in value.items()}
        if key in _PRICES and isinstance(value, Mapping)
        else value
        for key, value in entry.items()
    }
