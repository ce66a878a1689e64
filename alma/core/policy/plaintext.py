"""Finds secrets that stand in a blueprint as plain text, and says which variable holds one, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from alma.core.model.base import Json
from alma.core.model.blueprint import EnvValue, Resource, SecretRef

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
    r"|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"  # a key of Stripe
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


# Outside of variables, words such as `secrets` or `token` name settings more often than secrets.
_SURE = re.compile(
    r"(^|_)(passwords?|passwd|pwd|api_?keys?|access_?keys?|private_?keys?)(_|$)", re.IGNORECASE
)
_FLAG = re.compile(r"^--?([A-Za-z][\w-]*)(?:=(.+))?$")


def secrets_elsewhere(resource: Resource) -> Iterator[str]:
    """The places besides variables where a secret stands: `command`, `options.proxmox.password`; each once."""
    if resource.command and any(_told(resource.command)):
        yield "command"
    for field in ("labels", "options", "metadata"):
        yield from _below(getattr(resource, field), field)


def _told(command: Sequence[str]) -> Iterator[bool]:
    """Which arguments are a secret: `--password=x`, `--password x`, or one by its look."""
    for argument, following in pairwise((*command, "")):
        flag = _FLAG.match(argument)
        value = (flag[2] or following) if flag else ""
        said = bool(value) and not value.startswith("-") and not _REFERENCE.match(value)
        named = flag is not None and _names_one(flag[1])
        yield (named and said) or bool(_VALUE.search(argument))


def _names_one(word: str) -> bool:
    name = word.replace("-", "_")
    return bool(_SURE.search(name)) and not _ABOUT.search(name)


def _below(value: Json | Mapping[str, Json], path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _below(inner, f"{path}.{key}")
    elif isinstance(value, list):
        if any(True for inner in value for _ in _below(inner, path)):
            yield path
    elif isinstance(value, str) and _is_one(value, path.rpartition(".")[2]):
        yield path


def _is_one(value: str, key: str) -> bool:
    if not value or _REFERENCE.match(value):
        return False
    return bool(_VALUE.search(value)) or _names_one(key)
