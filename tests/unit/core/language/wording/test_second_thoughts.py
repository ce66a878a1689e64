"""The last word counts, with what was said of the first, if both are of one sort."""

from __future__ import annotations

import pytest

from alma.core.language.wording.second_thoughts import settled

_KINDS = {"mysql": "database", "mariadb": "database", "redis": "cache"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mysql with 20GB... scratch that, mariadb, same disk", "mariadb with 20GB"),
        ("mysql, no wait, use mariadb", "mariadb"),
        ("a vm called hermes - wait, call it apollo - with 4GB", "a vm called apollo with 4GB"),
        ("mysql, no wait, a redis", "mysql, no wait, a redis"),
        ("mysql and no redis", "mysql and no redis"),
    ],
)
def test_the_last_word_counts(said: str, told: str) -> None:
    assert settled(said, _KINDS.get) == told
