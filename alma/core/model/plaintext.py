"""What a secret looks like where it stands as plain text: by the name of what holds it, or by itself.

Policies look for it in blueprints, and engines that describe what is there already leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

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


def is_secret_variable(name: str, text: str) -> bool:
    """Whether a variable's value is a secret. A reference to one kept elsewhere is none."""
    if not text or _REFERENCE.match(text):
        return False
    return bool(_VALUE.search(text)) or bool(_NAME.search(name) and not _ABOUT.search(name))


# Outside of variables, words such as `secrets` or `token` name settings more often than secrets.
_SURE = re.compile(
    r"(^|_)(passwords?|passwd|pwd|api_?keys?|access_?keys?|private_?keys?)(_|$)", re.IGNORECASE
)
_FLAG = re.compile(r"^--?([A-Za-z][\w-]*)(?:=(.+))?$")


def tells_secret(command: Sequence[str]) -> bool:
    """Whether an argument is a secret: `--password=x`, `--password x`, or one by its look."""
    return any(_told(command))


def _told(command: Sequence[str]) -> Iterator[bool]:
    for argument, following in pairwise((*command, "")):
        flag = _FLAG.match(argument)
        value = (flag[2] or following) if flag else ""
        said = bool(value) and not value.startswith("-") and not _REFERENCE.match(value)
        named = flag is not None and _names_one(flag[1])
        yield (named and said) or bool(_VALUE.search(argument))


def is_secret_value(value: str, key: str) -> bool:
    """Whether the value of a setting is a secret, more carefully than of a variable."""
    if not value or _REFERENCE.match(value):
        return False
    return bool(_VALUE.search(value)) or _names_one(key)


def _names_one(word: str) -> bool:
    name = word.replace("-", "_")
    return bool(_SURE.search(name)) and not _ABOUT.search(name)
