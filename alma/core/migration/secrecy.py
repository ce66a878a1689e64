"""What in somebody else's files may be a secret: rather too much than too little, for a copy can't be taken back.

A name that sounds like one is enough. What is taken for a secret and is none costs a reference that somebody resolves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(
    r"passw(?:or)?d|passphrase|basic_?auth|htpasswd|secret|token|credential|(?:api|access|private|signing|encryption|master|auth|app)_?key"
    r"|(?:^|_)(?:pass|pwd|salt|pepper|key|dsn)$|connection_?string",
    re.IGNORECASE,
)
# Names that only speak of one: where it is, how long it lasts.
_ABOUT = re.compile(
    r"_(?:file|path|dir|ttl|expiry|expires(?:_in)?|length|policy|type|header|algorithm|enabled|endpoint|name|required)$",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"(?:^|[\s'\"])--?[\w.-]*(?:pass|pwd|secret|token|credential|api-?key|access-?key)[\w.-]*"
    r"(?:=|[\s'\"]+)(?!-)[^\s'\"${]",
    re.IGNORECASE,
)
_CLIENT = re.compile(r"\b(?:mysql|mariadb)\w*\b.*\s-p[^\s'\"$]", re.IGNORECASE)
_SET = re.compile(r"(?:^|[\s'\"])([A-Za-z_]\w*)=([^\s'\"$]+)")
_WORDS = {"", "true", "false", "yes", "no", "on", "off", "none", "null", "required"}


def sounds_secret(name: str) -> bool:
    """Whether a name is one that secrets have."""
    return bool(_NAME.search(name)) and not _ABOUT.search(name)


def is_secret(name: str, value: str) -> bool:
    """Whether a value of that name is to be left where it is."""
    return value.strip().casefold() not in _WORDS and sounds_secret(name)


def tells_secret(words: Sequence[str]) -> bool:
    """Whether a command has a secret among its arguments, in a script that it hands to a shell too."""
    line = " ".join(words)
    if _FLAG.search(line) or _CLIENT.search(line):
        return True
    return any(is_secret(match[1], match[2]) for match in _SET.finditer(line))
