"""Which of a model's sentences are shown as its opinion."""

from __future__ import annotations

import pytest

from alma.core.agent.opinions import NOT_DONE, OPINION, figures_of, marked, numbers_of

GIVEN = figures_of({"monthly": 412.47, "of": {"db": "1,300 USD"}}, "keep it under $500")


@pytest.mark.parametrize(
    "said",
    [
        "It costs $412.47 a month.",
        "It costs $412.5 a month.",
        "It costs $412 a month.",
        "1,300 dollars for the database.",
        "It stays under 500 USD.",
        "There are 3 servers with 16GB each on port 8080, version 3.5.",
        "I added a database. You can approve and deploy it once it was reviewed.",
        "I started with two servers.",
        "",
    ],
)
def test_what_is_supported_or_claims_no_figure_stays_as_it_is(said):
    assert marked(said, GIVEN) == (said, ())


@pytest.mark.parametrize(
    "said",
    [
        "It costs $411 a month.",
        "It costs $412.48 a month.",
        "That saves 30 %.",
        "That saves 30 percent.",
        "About €40.",
        "Roughly 0.5k USD, I think, or $2k.",
        "Das kostet 40 Euro im Monat.",
        "这要 $99。",
    ],
)
def test_a_sentence_with_a_figure_nobody_gave_is_marked(said):
    assert marked(said, GIVEN) == (f"{said} {OPINION}", (said,))


@pytest.mark.parametrize(
    "said",
    [
        "I have deployed it.",
        "I've just approved the request.",
        "We are deploying web-1 now.",
        "I rolled back the last deployment.",
        "I restarted web-1.",
    ],
)
def test_a_deed_a_model_can_not_have_done_is_marked_as_not_done(said):
    assert marked(said, GIVEN) == (f"{said} {NOT_DONE}", (said,))


def test_only_the_sentence_that_claims_is_marked():
    text = "I added a cache. It costs $9. It is fast.\n- $8 for web\n- fine"
    assert marked(text, GIVEN)[0] == (
        f"I added a cache. It costs $9. {OPINION} It is fast.\n- $8 for web {OPINION}\n- fine"
    )


def test_the_beginning_of_a_text_marked_is_the_beginning_of_the_text_marked():
    text = "Well. It is $5. Or $50, e.g. 30% less!\nI deployed it? No… $412 is right. 3.5 €"
    whole = marked(text, GIVEN)[0]
    so_far = ""
    for end in range(len(text) + 1):
        now = marked(text[:end], GIVEN, whole=False)[0]
        assert now.startswith(so_far)
        so_far = now
    assert whole.startswith(so_far)


def test_characters_that_steer_a_terminal_or_hide_text_are_gone():
    assert marked("a\x1b[2Jb\u202ec\td\ne", GIVEN)[0] == "a [2Jb c d\ne"


def test_numbers_of_others_count_only_where_they_are_no_text():
    assert numbers_of({"title": "costs $5", "resources": 3, "ok": True}) == figures_of(3)
