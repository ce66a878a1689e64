"""Which resources a description of trouble names."""

from __future__ import annotations

import re

from alma.core.model.blueprint import Blueprint


def affected_in(words: str, blueprint: Blueprint) -> tuple[str, ...]:
    """The resources and instances whose names stand in the words, as whole words and longest first, so that `web-12` is
    never taken for `web-1`."""
    text = words.casefold()
    names = {name for item in blueprint.resources for name in (item.name, *item.instance_names())}
    found = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        pattern = rf"(?<![\w-]){re.escape(name.casefold())}(?![\w-])"
        if name.casefold() in text and re.search(pattern, text):
            found.append(name)
            text = re.sub(pattern, " ", text)
    return tuple(found)
