"""Bodies of requests, as an API server reads them.

A server reads what is applied as YAML. There, some characters may not stand in a text, and others end a line: JSON
leaves both as they are, so they are written by their numbers, which is the same text in either language. Source: the
character set and the line breaks of YAML 1.1.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def encoded(body: Any) -> msgspec.Raw:
    """The body as JSON that is YAML, too."""
    text = msgspec.json.encode(body).decode()
    return msgspec.Raw(_NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode())
