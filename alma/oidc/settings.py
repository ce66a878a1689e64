"""How one OpenID provider is reached and what its people may do: checked once, so that nothing below has to.

What is said comes as plain values, from `providers.yaml` or from the environment; both make the same settings.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator

from alma.core.model.base import Frozen
from alma.core.model.errors import InvalidInput
from alma.core.model.identity import Grant, ProviderRules

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


class Algorithm(StrEnum):
    """Signatures that ALMA accepts. All are asymmetric: no key that ALMA holds can make one."""

    RS256 = "RS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


class ClientAuthentication(StrEnum):
    """How ALMA proves to a provider that it is the client."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


class RoleSettings(Frozen):
    """Which claim says what somebody is, and which roles that gives."""

    claim: str = Field(default="groups", min_length=1, max_length=200)
    map: Mapping[str, tuple[Grant, ...]] = Field(default_factory=dict)
    administrators: tuple[str, ...] = ()

    @field_validator("map", mode="before")
    @classmethod
    def _one_is_a_list(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {
            str(group): grants if isinstance(grants, list | tuple) else (grants,)
            for group, grants in given.items()
        }


class ProviderSettings(Frozen):
    """One provider. `ca_file` proves its certificate where no public authority does. Times are in seconds."""

    issuer: str = Field(max_length=500)
    client_id: str = Field(min_length=1, max_length=500)
    client_secret: SecretStr | None = None
    title: str | None = Field(default=None, min_length=1, max_length=80)
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    client_authentication: ClientAuthentication | None = None
    algorithms: tuple[Algorithm, ...] = Field(default=tuple(Algorithm), min_length=1)
    name_claim: str = Field(default="preferred_username", min_length=1, max_length=200)
    roles: RoleSettings = RoleSettings()
    new_accounts: bool = True
    ca_file: Path | None = None
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    leeway_seconds: int = Field(default=30, ge=0, le=60)

    @field_validator("issuer")
    @classmethod
    def _an_issuer_is_https(cls, url: str) -> str:
        if not trusted_address(url):
            raise ValueError("must be an https:// URL without a name, query or fragment in it")
        return url

    @field_validator("scopes")
    @classmethod
    def _openid_is_always_asked_for(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return scopes if "openid" in scopes else ("openid", *scopes)

    @property
    def rules(self) -> ProviderRules:
        """What the core has to know of them."""
        return ProviderRules(
            new_accounts=self.new_accounts,
            roles=self.roles.map,
            administrators=frozenset(self.roles.administrators),
        )


def trusted_address(url: str) -> bool:
    """Whether secrets may be sent there: HTTPS, or this machine itself, with nothing hidden in the URL."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises for one that is no number
    except ValueError:
        return False
    plain = not ("@" in parts.netloc or parts.fragment or re.search(r"[\s\\]", url))
    return bool(plain and host and (parts.scheme == "https" or _is_here(parts.scheme, host)))


def _is_here(scheme: str, host: str) -> bool:
    if scheme != "http":
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def provider_settings(
    given: Mapping[str, Any],
    *,
    source: str,
    folder: Path,
    variable: Callable[[str], str | None],
) -> ProviderSettings:
    """The settings that plain values make. `client_secret_file` (looked for from `folder` on) and `client_secret_env`
    say where the secret is. Raises InvalidInput naming what is wrong, in `source`, without repeating any value."""
    values = _with_secret(given, source=source, folder=folder, variable=variable)
    if isinstance(path := values.get("ca_file"), str):
        values["ca_file"] = folder / Path(path).expanduser()
    try:
        return ProviderSettings.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise invalid(source, [_reason(item["loc"], item["msg"]) for item in found]) from None


def of_environment(values: Mapping[str, str]) -> dict[str, Any]:
    """What `ALMA_OIDC_<NAME>` says, by name, in the shape of `providers.yaml`.

    `ALMA_OIDC_ROLES_MAP` is `group=project:role`, several with commas.
    """
    found: dict[str, Any] = dict(values)
    found.pop("name", None)
    for name in ("scopes", "algorithms"):
        if name in found:
            found[name] = re.split(r"[,\s]+", found[name].strip())
    roles: dict[str, Any] = {}
    if claim := found.pop("roles_claim", None):
        roles["claim"] = claim
    if groups := found.pop("administrators", None):
        roles["administrators"] = _listed(groups)
    if mapped := found.pop("roles_map", None):
        roles["map"] = _mapped(mapped)
    return {**found, **({"roles": roles} if roles else {})}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _mapped(text: str) -> dict[str, list[dict[str, str]]]:
    """`infra-admins=default:admin, devs=default:editor`."""
    found: dict[str, list[dict[str, str]]] = {}
    for entry in _listed(text):
        group, _, target = entry.rpartition("=")
        project, _, role = target.partition(":")
        if not (group and project and role):
            raise invalid("ALMA_OIDC_ROLES_MAP", ["an entry is not group=project:role"])
        found.setdefault(group.strip(), []).append(
            {"project": project.strip(), "role": role.strip()}
        )
    return found


def _with_secret(
    given: Mapping[str, Any],
    *,
    source: str,
    folder: Path,
    variable: Callable[[str], str | None],
) -> dict[str, Any]:
    values = dict(given)
    if (name := values.pop("client_secret_env", None)) is not None:
        if not (secret := variable(str(name))):
            raise invalid(source, [f"client_secret_env: the environment has no {name}"])
        values["client_secret"] = secret
    if (path := values.pop("client_secret_file", None)) is not None:
        values["client_secret"] = _in_file(folder / Path(str(path)).expanduser(), source)
    return values


def _in_file(path: Path, source: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not text"
        raise invalid(source, [f"client_secret_file: {path} can't be read: {problem}"]) from None


def _reason(place: tuple[int | str, ...], message: str) -> str:
    words = message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, place))}: {words}" if place else words


def invalid(source: str, problems: list[str]) -> InvalidInput:
    """What is wrong with the settings."""
    return InvalidInput(
        f"The settings of the identity provider in {source} are not valid: {'; '.join(problems)}",
        hint="mend them and start again",
        details={"errors": problems},
    )
