"""People sign in through OpenID providers: the only part of ALMA that speaks OpenID Connect, and knows its libraries.

What a provider says is checked here (`id_tokens.py`, `metadata.py`) and becomes an `Identity`; which account and which
roles that gives is the core's business (`alma/core/services/providers.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from alma.oidc.provider import OidcProvider
from alma.oidc.settings import NAME, invalid, of_environment, provider_settings

__all__ = ["OidcProvider", "open_providers"]

_DEFAULT = "sso"


def open_providers(
    files: Mapping[str, Mapping[str, Any]],
    environment: Mapping[str, str],
    *,
    folder: Path,
    variable: Callable[[str], str | None],
) -> dict[str, OidcProvider]:
    """The providers of `providers.yaml` (`files`) and the one of `ALMA_OIDC_*` (`environment`), by name. Speaks to
    none of them. Raises InvalidInput for settings that can't be used."""
    made = {
        name: OidcProvider(
            name,
            provider_settings(
                given, source=f"providers.yaml ({name})", folder=folder, variable=variable
            ),
        )
        for name, given in files.items()
    }
    if not environment:
        return made
    name = environment.get("name", _DEFAULT)
    if not NAME.fullmatch(name):
        raise invalid("ALMA_OIDC_*", ["NAME: has lower case letters, digits and '-', at most 40"])
    given = of_environment(environment)
    settings = provider_settings(given, source="ALMA_OIDC_*", folder=folder, variable=variable)
    return {**made, name: OidcProvider(name, settings)}
