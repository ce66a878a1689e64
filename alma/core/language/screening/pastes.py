"""What was pasted rather than said: a blueprint, a manifest, code or a log is no request in words, and reading it as
one would build what nobody asked for."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import Seldom, seldom

_BLUEPRINT = seldom(r"^\s*[\"']?resources[\"']?\s*:\s*(?:\[.*)?$", re.MULTILINE)
_ENTRY = seldom(r"^\s*(?:-|\{)?\s*[\"']?(?:name|type)[\"']?\s*:", re.MULTILINE)
_KINDS: tuple[tuple[str, Seldom], ...] = (
    ("a Kubernetes manifest", seldom(r"^\s*apiVersion\s*:.*[\s\S]*^\s*kind\s*:", re.MULTILINE)),
    ("a Compose file", seldom(r"^services\s*:\s*$[\s\S]*^\s+\w[\w-]*\s*:\s*$", re.MULTILINE)),
    ("Terraform", seldom(r"^\s*(?:resource|module|provider|variable|data)\s+\"[\w-]+\".*\{", re.MULTILINE)),
    ("JSON", seldom(r"\A\s*[\[{][\s\S]*\"\s*:[\s\S]*[\]}]\s*\Z")),
    ("code", seldom(
        r"^\s*(?:#!/|#include\s*<|import\s+[\w.]+\s*(?:;|$)|from\s+[\w.]+\s+import\s|def\s+\w+\(.*\)\s*:|"
        r"(?:public\s+)?class\s+\w+\s*[:{]|(?:const|let|var)\s+\w+\s*=|function\s+\w+\s*\(|sudo\s|rm\s+-rf|kubectl\s|"
        r"select\s.+\sfrom\s|drop\s+table|insert\s+into|delete\s+from)|"
        r"\bos\.system\(|\bsubprocess\.|\beval\(|<script\b|;\s*drop\s+table\b|\|\s*(?:ba)?sh\b",
        re.MULTILINE | re.IGNORECASE)),
)  # fmt: skip
_LOG_LINE = seldom(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\w{3}\s+\d{1,2}\s+\d\d:\d\d:\d\d\s|"
    r"Traceback \(most recent|\s+at\s+[\w.$]+\()",
    re.MULTILINE,
)


def pasted(text: str) -> str | None:
    """What a text is that was not said in words, None if it was."""
    if _BLUEPRINT.search(text) and _ENTRY.search(text):
        return "a blueprint"
    return next((name for name, pattern in _KINDS if pattern.search(text)), None)


def logged(text: str) -> bool:
    """Whether a text is lines of a log or a stack trace."""
    return _LOG_LINE.search(text) is not None
