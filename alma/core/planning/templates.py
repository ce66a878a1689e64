"""Renders the software catalogue's configuration files, in a sandbox: a catalogue entry is data, not code."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from alma.core.model.errors import InvalidInput
from alma.core.model.state import DesiredResource

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=256)
def _compiled(source: str) -> Template:
    # Imported here: most commands render nothing, and this import is a noticeable part of a start.
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    return environment.from_string(source)


def render(source: str, desired: DesiredResource) -> str:
    """The file's text. In scope: `resource` (as in the blueprint), `address`, `port` (the first inner port, or None),
    `ports`, `backends` (`address`, `port`), `env` (plain values only). Raises InvalidInput naming the resource when the
    template asks for something else."""
    from jinja2 import TemplateError

    try:
        return _compiled(source).render(
            resource=desired.resource.model_dump(mode="json"),
            address=desired.address,
            port=desired.ports[0].target if desired.ports else None,
            ports=[port.target for port in desired.ports],
            backends=[backend.model_dump() for backend in desired.backends],
            env={key: value for key, value in desired.env.items() if isinstance(value, str)},
        )
    except TemplateError as error:
        raise InvalidInput(
            f"the configuration template of '{desired.software}' failed for '{desired.address}': {error}",
            hint="mend the entry's `files` in the software catalogue",
        ) from error
