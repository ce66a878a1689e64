"""Forms as questions with answers: "What do you need? Cache. Which product? Redis. How much memory? 4 GB."

Such a message asks nothing. It is read as the fields that its questions name.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_ASKED = seldom(
    r"(?P<asked>\b(?:what|which|how|where|who|name|any|should|does|do|is|are|size|region|type)\b[^?\n]{0,70})\?[ \t]*"
    r"(?P<answer>[^?\n]{1,90}?)(?:[.;](?=\s|$)|\n|$)\s*",
    re.IGNORECASE,
)
_LEAST = 2
# What a question is about, the first that it names.
_FIELDS = (
    (r"memory|ram", "memory"), (r"disk|storage|space", "disk"), (r"cpus?|cores?|vcpus?|processors?", "CPU"),
    (r"how many|number|instances|quantity", "number"), (r"region|location|where", "region"),
    (r"version", "version"), (r"called|name", "name"), (r"port", "port"), (r"budget|cost|spend", "budget"),
    (r"system|image|os", "image"), (r"product|software|engine|technology|which one|flavou?r", "software"),
)  # fmt: skip


def answered(text: str) -> str:
    """The answers of a filled-in list of questions, each with its field; any other text as it is."""
    pairs = list(_ASKED.finditer(text))
    rest = _ASKED.sub("", text).strip(" \n\t.,;:-")
    if len(pairs) < _LEAST or rest:
        return text
    return "\n".join(_field(pair["asked"], pair["answer"].strip(" .,")) for pair in pairs)


def _field(asked: str, answer: str) -> str:
    for pattern, field in _FIELDS:
        if re.search(rf"\b(?:{pattern})\b", asked, re.IGNORECASE):
            return f"{field}: {answer}"
    return answer
