"""Renders the software catalogue's configuration files, in a sandbox: a catalogue entry is data, not code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from alma.core.model.errors import InvalidInput
from alma.core.model.state import Backend, DesiredResource
from alma.core.model.units import Port

if TYPE_CHECKING:
    from jinja2 import Template

# What many resources have in common; a text made of nothing else is rendered once for all of them.
_OF_MANY: Mapping[str, Callable[[tuple[Port, ...], tuple[Backend, ...]], Any]] = {
    "port": lambda ports, _: ports[0].target if ports else None,
    "ports": lambda ports, _: [port.target for port in ports],
    "backends": lambda _, backends: [backend.model_dump() for backend in backends],
}
_SCOPE: Mapping[str, Callable[[DesiredResource], Any]] = {
    "address": lambda desired: desired.address,
    "port": lambda desired: _OF_MANY["port"](desired.ports, ()),
    "ports": lambda desired: _OF_MANY["ports"](desired.ports, ()),
    "backends": lambda desired: _OF_MANY["backends"]((), desired.backends),
    "memory": lambda desired: desired.memory.bytes if desired.memory else None,
    "env": lambda desired: {k: v for k, v in desired.env.items() if isinstance(v, str)},
    "guest": lambda desired: desired.recipe is not None,
    "resource": lambda desired: desired.resource.model_dump(mode="json"),
}


# What stands for itself in shells, SQL, YAML and configuration files, within quotes.
_WORD = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./:@+?=&%~-]*")


def _word(value: object, name: str) -> str:
    """The value, which is one plain word: nothing in it can end a quotation or begin a command. Raises ValueError,
    naming it by `name`."""
    text = str(value)
    if not _WORD.fullmatch(text):
        raise ValueError(
            f"{name} is written into a configuration, and may have letters, digits and _./:@+?=&%~- only"
        )
    return text


def _words(value: object, name: str) -> str:
    """As `_word`, for several with single spaces between them."""
    return " ".join(_word(part, name) for part in str(value).split() or [""])


@lru_cache(maxsize=256)
def _compiled(source: str) -> tuple[Template, tuple[str, ...]]:
    """The template, and which names of the scope it uses: the others need not be made."""
    # Imported here: most commands render nothing, and this import is a noticeable part of a start.
    from jinja2 import StrictUndefined
    from jinja2.meta import find_undeclared_variables
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters |= {"word": _word, "words": _words}
    used = find_undeclared_variables(environment.parse(source))
    return environment.from_string(source), tuple(name for name in _SCOPE if name in used)


@lru_cache(maxsize=1024)
def _alike(source: str, ports: tuple[Port, ...], backends: tuple[Backend, ...]) -> str:
    """The text for all resources with these ports and backends, for a template that asks for nothing else."""
    template, used = _compiled(source)
    return template.render({name: _OF_MANY[name](ports, backends) for name in used})


def render(source: str, desired: DesiredResource) -> str:
    """The file's text. In scope: `resource` (as in the blueprint), `address`, `port` (the first inner port, or None),
    `ports`, `backends` (`address`, `port`), `memory` (bytes of one instance, or None), `env` (plain values only),
    `guest` (whether it has an operating system of its own and is no image). What people choose goes through the filter
    `word("NAME")` or `words("NAME")`, or `tojson`. Raises InvalidInput naming the resource when the template asks for
    something else, or a value does not fit."""
    from jinja2 import TemplateError

    try:
        template, used = _compiled(source)
        if _OF_MANY.keys() >= set(used):
            return _alike(source, desired.ports, desired.backends)
        return template.render({name: _SCOPE[name](desired) for name in used})
    except TemplateError as error:
        raise InvalidInput(
            f"the configuration template of '{desired.software}' failed for '{desired.address}': {error}",
            hint="mend the entry's `files` in the software catalogue",
        ) from error
    except ValueError as error:
        raise InvalidInput(f"'{desired.address}': {error}", hint="choose another value") from error
