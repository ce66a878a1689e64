"""Lists, forms and paragraphs: what the layout of a message says about where one thing ends and the next begins.

Bullets and numbers of lists are blanked out (offsets stay), a line's end separates like a comma, an empty line like a
full stop, and a line that was only wrapped goes on.
"""

from __future__ import annotations

import re

_BULLET = re.compile(r"^[ \t]*(?:[-*•‣▪·–+]|\(?\d{1,2}[.)](?!\d)|\(?[a-z]\))[ \t]+", re.MULTILINE)
_EMPTY = re.compile(r"\n[ \t]*(?=\n)")
# "1. GitLab 2. Nexus": numbers of a list that stands in one line.
_INLINE = re.compile(r"(?<!\S)(?:(\d{1,2})[.)]|\(?([a-h])\))[ \t]+(?=[^\W\d])", re.IGNORECASE)
_WRAPPED_AT = 60
_FEWEST = 2


def flatten(message: str) -> str:
    """The message with its layout turned into separators. Every character keeps its place."""
    message = _listed_inline(message)
    if "\n" not in message:
        return _BULLET.sub(_blank, message, count=1) if message[:1] in "-*•1(" else message
    text = message.replace("\r", " ").rstrip()
    marked = [bool(_BULLET.match(line)) for line in text.split("\n")]
    lines = _BULLET.sub(_blank, text).split("\n")
    out = lines[0]
    for number, line in enumerate(lines[1:], start=1):
        out += (_joint(lines[number - 1], line, marked[number])) + line
    return out


def _listed_inline(message: str) -> str:
    """The numbers of a list within a line as the ends of its items, if they count up from one."""
    found = list(_INLINE.finditer(message))
    counted = [int(m[1]) if m[1] else ord(m[2].casefold()) - ord("a") + 1 for m in found]
    if len(counted) < _FEWEST or counted != list(range(1, len(counted) + 1)):
        return message
    for match in found:
        before = message[: match.start()].rstrip(" \t")
        sign = " " if before[-1:] in {"", "\n", ",", ";", ".", "!", "?"} else "."
        width = len(match[0])
        message = f"{message[: match.start()]}{sign:{width}}{message[match.end() :]}"
    return message


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _joint(before: str, line: str, marked: bool) -> str:
    """What stands for the line's end: one character."""
    if not before.strip() or not line.strip():
        return "." if before.strip()[-1:] not in {"", ":", ".", "!", "?", ";", ","} else " "
    wrapped = len(before) >= _WRAPPED_AT and not marked and line.strip()[:1].islower()
    ended = before.rstrip()[-1:] in {".", "!", "?", ";", ":", ","}
    return " " if wrapped or ended else "\n"
