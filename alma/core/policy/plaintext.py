"""Finds secrets that stand in a blueprint as plain text, and says which variable holds one, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from alma.core.model.blueprint import EnvValue, SecretRef

_NAME = re.compile(
    r"(^|_)(passwords?|passwd|pass|pwd|secrets?|tokens?|api_?keys?|access_?keys?|private_?keys?|credentials?|pepper"
    r"|encryption_?key|signing_?key|connection_?string|dsn)(_|$)",
    re.IGNORECASE,
)
# Names that only speak of a secret: where it is, how long it lasts, how it is made.
_ABOUT = re.compile(
    r"_(file|path|dir|name|id|url|uri|host|ttl|expiry|expires|length|policy|type|header|algorithm|enabled|endpoint)$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"  # an access key of AWS
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}"  # a token of GitHub
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"  # a token of Slack
    r"|\bglpat-[A-Za-z0-9_-]{20,}"  # a token of GitLab
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."  # a signed web token
    r"|[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s:@${}]+@",  # an address with a password
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"^(\$\{?[A-Za-z_]|\{\{|vault:|ssm:|sops:|secret:)")


def inline_secrets(env: Mapping[str, EnvValue]) -> Iterator[str]:
    """The names of the variables whose value is a secret, by the look of the name or of the value."""
    for name, value in env.items():
        if isinstance(value, SecretRef | bool):
            continue
        text = str(value)
        if not text or _REFERENCE.match(text):
            continue
        if _VALUE.search(text) or (_NAME.search(name) and not _ABOUT.search(name)):
            yield name
