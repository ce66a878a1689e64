"""Writing YAML that people like to read, and that every YAML reader reads alike.

A general emitter spends seconds on a large blueprint. Plain values need little of what it can do: this writes mappings,
lists and scalars, and quotes each text that some reader, YAML 1.1 included, would take for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_FLOW_WIDTH = 60
# A text that needs no quotes: words of letters, digits and a few signs, with single spaces between them.
_PLAIN = re.compile(r"^[^\W_][\w./@+=()-]*( [\w./@+=();&-]+)*$|^[/_.][\w./@+=-]*$")
_PLAIN_WITH_COLON = re.compile(r"^[^\W_][\w./@+=-]*(:[\w./@+=-]+)+$")
# What YAML 1.1 or 1.2 takes for a switch, nothing, a number, a time or a date.
_OTHER = re.compile(
    r"^(y|n|yes|no|on|off|true|false|null|~|[-+]?\.?[0-9][0-9_]*\.?[0-9_]*(e[-+]?[0-9]+)?|"
    r"[-+]?0[xob][0-9a-f_]+|[-+]?[0-9][0-9_:]*(\.[0-9_]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|"
    r"[-+]?\.(inf|nan)|\.+|-+|_.*)$",
    re.IGNORECASE,
)
_ESCAPED = re.compile("[\x7f-\xa0\xad\u2028\u2029\ufeff\ufffe\uffff]")


def write_yaml(value: Mapping[str, Any]) -> str:
    """A mapping of plain JSON values as block-style YAML: short lists on one line, long texts as blocks."""
    return "".join(f"{line}\n" for line in _mapping(value, ""))


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, inner in value.items():
        head = f"{indent}{_text(key)}:"
        if isinstance(inner, dict) and inner:
            yield head
            yield from _mapping(inner, f"{indent}  ")
        elif isinstance(inner, list) and not _is_short(inner):
            yield head
            yield from _list(inner, f"{indent}  ")
        elif isinstance(inner, str) and _is_block(inner):
            yield f"{head} |{'' if inner.endswith(chr(10)) else '-'}"
            lines = inner.removesuffix("\n").split("\n")
            yield from (f"{indent}  {line}" if line else "" for line in lines)
        else:
            yield f"{head} {_inline(inner)}"


def _list(value: list[Any], indent: str) -> Iterator[str]:
    for inner in value:
        if isinstance(inner, dict) and inner:
            lines = _mapping(inner, f"{indent}  ")
            yield f"{indent}- {next(lines).lstrip()}"
            yield from lines
        elif isinstance(inner, list) and not _is_short(inner):
            yield f"{indent}-"
            yield from _list(inner, f"{indent}  ")
        else:
            yield f"{indent}- {_inline(inner)}"


def _is_short(value: list[Any]) -> bool:
    """A list of scalars that fits on a line. An empty one always does."""
    if any(isinstance(inner, dict | list) for inner in value):
        return False
    return sum(len(str(inner)) + 2 for inner in value) <= _FLOW_WIDTH


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_inline(inner) for inner in value)}]"
    text = json.dumps(value)
    # YAML 1.1 takes a float without a dot, as in 1e-07, for a text.
    return text.replace("e", ".0e") if isinstance(value, float) and "." not in text else text


def _text(value: str) -> str:
    plain = _PLAIN.match(value) or _PLAIN_WITH_COLON.match(value)
    if plain and value.isprintable() and not _OTHER.match(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _is_block(value: str) -> bool:
    lines = value.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and bool(lines[0])
        and bool(lines[-1])
        and not lines[0].startswith(" ")
        and all(line.isprintable() and not _ESCAPED.search(line) for line in lines)
    )
