"""What a provider says of itself in its discovery document, held against what ALMA was told.

The document names where secrets are sent. It is believed only if it is the document of the issuer that was configured
(OpenID Connect Discovery 1.0, section 4.3), and every address in it is one that secrets may be sent to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError, field_validator

from alma.core.model.base import Frozen
from alma.core.model.errors import ProviderError
from alma.oidc.settings import Algorithm, ClientAuthentication, trusted_address


class Metadata(Frozen):
    """The part of the document that ALMA uses. Defaults are those of the specification, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = (Algorithm.RS256,)
    token_endpoint_auth_methods_supported: tuple[str, ...] = (ClientAuthentication.BASIC,)
    code_challenge_methods_supported: tuple[str, ...] | None = None
    names_itself: bool = Field(
        default=False, alias="authorization_response_iss_parameter_supported"
    )

    @field_validator("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    @classmethod
    def _addresses_are_safe(cls, url: str | None) -> str | None:
        if url is not None and not trusted_address(url):
            raise ValueError("is no https:// URL")
        return url

    @classmethod
    def read(cls, document: Mapping[str, Any], *, issuer: str, title: str) -> Metadata:
        """The document of `issuer`. Raises ProviderError for another one's, and for one that can't be used."""
        known = {field.alias or name for name, field in cls.model_fields.items()}
        try:
            found = cls.model_validate({k: v for k, v in document.items() if k in known})
        except ValidationError as error:
            problems = [".".join(map(str, item["loc"])) for item in error.errors()]
            raise _unusable(title, f"has no usable {', '.join(problems)}") from None
        if found.issuer != issuer:
            raise _unusable(title, "is the document of another issuer")
        if "S256" not in (found.code_challenge_methods_supported or ("S256",)):
            raise _unusable(title, "says that it can't protect codes with PKCE (S256)")
        return found

    def algorithms(self, allowed: tuple[Algorithm, ...]) -> frozenset[Algorithm]:
        """The signatures that its tokens may have: those that both sides name."""
        return frozenset(a for a in allowed if a in self.id_token_signing_alg_values_supported)

    def client_authentication(self, *, secret: bool) -> ClientAuthentication:
        """How a client with, or without, a secret proves who it is."""
        if not secret:
            return ClientAuthentication.NONE
        if ClientAuthentication.BASIC in self.token_endpoint_auth_methods_supported:
            return ClientAuthentication.BASIC
        return ClientAuthentication.POST


def _unusable(title: str, problem: str) -> ProviderError:
    return ProviderError(
        f"the discovery document of {title} {problem}",
        hint="the issuer in ALMA's settings must be written exactly as the provider writes it, with or without a / at "
        "its end",
    )
