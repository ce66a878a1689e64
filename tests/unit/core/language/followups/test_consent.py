"""A plain yes takes what was offered; anything more is a wish of its own and is read as one."""

from __future__ import annotations

import pytest

from alma.core.language.followups.consent import agrees, refers_back


@pytest.mark.parametrize(
    "message",
    [
        "yes", "Yes.", "yes please", "ok", "okay, do that", "sure, go ahead", "use the cheaper one", "take the offer",
        "sounds good", "let's do it", "apply the suggestion", "make it so", "  Y  ", "yep, thanks!",
    ],
)  # fmt: skip
def test_these_agree(message: str) -> None:
    assert agrees(message)


@pytest.mark.parametrize(
    "message",
    [
        "", "no", "not yet", "yes, but with 8GB", "ok add a cache", "yes and deploy it", "use mysql instead",
        "take 2 of them", "apply it to web-1", "do you think so?", "approve", "deploy", "the cheaper one is ugly",
        "it is okay as it is", "please", "thanks", "👍", "ja", "yes no",
    ],
)  # fmt: skip
def test_these_do_not(message: str) -> None:
    assert not agrees(message)


@pytest.mark.parametrize("message", ["make it bigger", "give them more memory", "scale that up"])
def test_a_pronoun_speaks_of_something_that_went_before(message: str) -> None:
    assert refers_back(message)


@pytest.mark.parametrize("message", ["add a cache", "3 web servers", "a theme for italy"])
def test_other_words_do_not(message: str) -> None:
    assert not refers_back(message)
