"""From the claims of a provider to a person: the only place that knows how providers write groups and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.model.errors import ProviderError
from alma.core.model.identity import Identity
from alma.oidc.settings import ProviderSettings

_LONGEST = 255
_MOST_GROUPS = 2000


def identity_of(claims: Mapping[str, Any], settings: ProviderSettings, *, title: str) -> Identity:
    """The person of checked claims. Raises ProviderError where the provider has left the groups out because there were
    too many: not to know them is not the same as that there are none."""
    _all_groups_are_there(claims, settings.roles.claim, title)
    return Identity(
        issuer=settings.issuer,
        subject=str(claims["sub"]),
        name=_text(_found(claims, settings.name_claim)) or _text(claims.get("email")),
        display=_text(claims.get("name")),
        email=_text(claims.get("email")),
        groups=listed(claims, settings.roles.claim),
    )


def listed(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A claim as texts: a list, or a single one. Dots lead into nested claims: `realm_access.roles`."""
    value = _found(claims, name)
    values = value if isinstance(value, list) else [value]
    return tuple(item for item in values[:_MOST_GROUPS] if isinstance(item, str))


def _found(claims: Mapping[str, Any], name: str) -> Any:
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str | None:
    """What a person may be called: a short text of one line."""
    if not isinstance(value, str):
        return None
    return "".join(c for c in value if c.isprintable()).strip()[:_LONGEST] or None


def _all_groups_are_there(claims: Mapping[str, Any], name: str, title: str) -> None:
    elsewhere = claims.get("_claim_names")
    if name not in claims and isinstance(elsewhere, Mapping) and name in elsewhere:
        raise ProviderError(
            f"{title} has left out the {name} of this person, because there are too many",
            hint="have the provider send only the groups that are assigned to ALMA's client, or its application roles",
        )
