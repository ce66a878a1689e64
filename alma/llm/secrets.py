"""Finds secrets in text: values that are known to be secret, and what looks like one.

It errs towards taking too much out of what leaves the machine: a model understands `[redacted]`, and a secret that has
left can't be called back. Names of secrets and references to them stay, for they are what a blueprint is made of.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

REDACTED = "[redacted]"
# Shorter ones would take words out of everything; who has a five-letter password has it in every log already.
_SHORTEST_KNOWN = 6

# The end of a field's name whose value is secret, in any notation: dbPassword, DB_PASSWORD, "x-api-key". Not `secret`
# alone: in a blueprint, that is how a value says the name of a secret.
_NAME = (
    r"(?:passwor[dt]|passwd|passphrase|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|api[_-]?key"
    r"|access[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|private[_-]?key"
    r"|(?<![a-z0-9.])(?:pwd|pass|token))"
)
# What stands for a secret and is none: a reference, a word of a schema, a secret's name, what was taken out already.
_REFERENCE = (
    r"(?!-?\$[({]|\[redacted|secret:|\{\{"
    r"|(?:true|false|null|none|yes|no|required|optional|string|text|generated|random|password|token|secret)"
    r"(?![^\s\"',;)}\]]))"
)

_WHOLE = (
    # Keys and certificates in PEM, also those that were cut off.
    re.compile(
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:.*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|.*\Z)",
        re.DOTALL,
    ),
    re.compile(r"\b(?:sk|pk|rk)[-_](?:[A-Za-z]{2,10}[-_])*[A-Za-z0-9_-]{16,}"),  # OpenAI, Stripe …
    re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"),  # AWS
    re.compile(r"\bAIza[0-9A-Za-z_-]{30,}"),  # Google
    re.compile(r"\bya29\.[0-9A-Za-z_-]{20,}"),  # Google OAuth
    re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),  # Slack
    re.compile(r"\bhf_[A-Za-z0-9]{20,}"),
    re.compile(r"\b(?:hvs|hvb)\.[A-Za-z0-9_-]{20,}"),  # Vault
    re.compile(r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|dop_v1_[a-f0-9]{40,})"),
    re.compile(r"\bSG\.[A-Za-z0-9_-]{16,100}\.[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bAGE-SECRET-KEY-1[0-9A-Z]{20,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,300}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),  # JWT
    re.compile(r"\$(?:2[aby]|5|6|y|argon2id?)\$[^\s\"',;]{16,}"),  # hashes of passwords
    re.compile(r"PVE(?:API|Auth)[A-Za-z]*[=:][^\s\"',;]+"),  # Proxmox VE
)
# Group 1 is kept: it says what it was.
_VALUES = (
    # https://user:password@host
    re.compile(
        r"(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@\"']*:)(?!\[redacted)[^\s@/\"']+(?=@)", re.IGNORECASE
    ),
    re.compile(
        r"(\b(?:authorization|proxy-authorization)[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)"
        r"(?!\[redacted|bearer\b|basic\b)[^\s\"',;]{4,}",
        re.IGNORECASE,
    ),
    re.compile(r"(\bbearer\s+)(?!\[redacted)[A-Za-z0-9._~+/=-]{12,}", re.IGNORECASE),
    # password = "two words", "password": "x"
    re.compile(
        rf"({_NAME}\\?[\"']?\s*(?:=|:|=>)\s*\\?\")(?!\")" + _REFERENCE + r"[^\"\n\\]{2,}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"({_NAME}[\"']?\s*(?:=|:|=>)\s*')(?!')" + _REFERENCE + r"[^'\n]{2,}", re.IGNORECASE
    ),
    # password=x, password: x, --password x, the password is x
    re.compile(rf"({_NAME}\s*(?:=|:|=>)\s*)" + _REFERENCE + r"[^\s\"'{{\[,;]{4,}", re.IGNORECASE),
    re.compile(rf"(--{_NAME}\s+)" + _REFERENCE + r"[^\s\"'-][^\s]{3,}", re.IGNORECASE),
    re.compile(
        r"(\b(?:password|passphrase|passwd)\s+(?:is|to)\s+[\"']?)"
        + _REFERENCE
        + r"(?=[a-z]*[^\sa-z.,;:!?)])[^\s\"',;]{4,}",
        re.IGNORECASE,
    ),
)


class Redaction:
    """Takes secrets out of text. `known` gives the exact values that are secret now; it is asked at each ask."""

    def __init__(self, known: Callable[[], Iterable[str]] = tuple) -> None:
        self._known = known

    def open(self) -> Callable[[str], str]:
        """What replaces secrets in text, by what is known at this moment."""
        exact = _exact(self._known())
        return lambda text: _without_patterns(exact.sub(REDACTED, text) if exact else text)


def _exact(values: Iterable[str]) -> re.Pattern[str] | None:
    """The values in the forms they are met in: as they are, in URLs, and in base64."""
    forms: set[str] = set()
    for value in values:
        if len(value) >= _SHORTEST_KNOWN:
            encoded = base64.b64encode(value.encode()).decode().rstrip("=")
            forms |= {value, quote(value, safe=""), encoded}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _without_patterns(text: str) -> str:
    for pattern in _WHOLE:
        text = pattern.sub(REDACTED, text)
    for pattern in _VALUES:
        text = pattern.sub(rf"\g<1>{REDACTED}", text)
    return text
