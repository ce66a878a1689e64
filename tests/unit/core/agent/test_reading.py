"""What becomes of a message when a language model reads it too."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alma.core.agent.reading import Exchange, Message, Read, Reader
from alma.core.language.editing.edits import apply_edits
from alma.core.model.blueprint import Constraints, Origin, ResourceType
from alma.core.model.conversation import ChatEventType, Intent
from alma.core.model.dialogue import Speaker, Usage
from alma.core.model.errors import LanguageModelError
from alma.llm.scripted import Scripted, ScriptedModel
from tests.unit.core.agent.hearing import ASKER, BY_ITSELF, CREATIVE, draft, knowledge

DATABASE = {
    "op": "add",
    "name": "orders-db",
    "type": "database",
    "software": "postgresql",
    "memory": "4GB",
    "backup": "daily",
}
SAFE = {
    "say": "I added a database for the orders.",
    "edits": [DATABASE],
    "assumptions": ["PostgreSQL"],
}
WEB = {"name": "web-1", "type": "vm"}
DB = {"name": "db-1", "type": "database", "engine": "postgresql"}
DEAD = LanguageModelError("the endpoint does not answer")


# ── what a model adds ────────────────────────────────────────────────────────────────────────────────


async def test_a_wish_without_jargon_becomes_typed_edits_of_the_model(hear):
    heard = await hear(CREATIVE, SAFE)
    blueprint, origins = apply_edits(None, heard.read.interpretation.edits)
    database = blueprint.resource("orders-db")
    assert database is not None
    assert (database.type, database.engine) == (ResourceType.DATABASE, "postgresql")
    assert str(database.specs.memory) == "4GB"
    assert database.backup is not None
    assert database.backup.schedule == "daily"
    assert {
        origin for path, origin in origins.items() if path.startswith("resources.orders-db.")
    } == {Origin.MODEL}
    assert heard.read.response == "I added a database for the orders."
    assert heard.read.interpretation.intent is Intent.CREATE
    assert heard.read.interpretation.question is None
    assert heard.read.interpretation.assumptions[-1:] == ("PostgreSQL",)
    assert heard.read.offer == ()


async def test_the_model_and_what_it_took_are_named(hear):
    heard = await hear(
        CREATIVE,
        Scripted({"say": "x", "edits": [{"op": "boom"}]}, usage=Usage(consumed=7, generated=2)),
        Scripted(SAFE, usage=Usage(consumed=10, generated=5, cost=0.5)),
    )
    assert heard.read.model == "scripted:test"
    assert heard.read.usage == Usage(consumed=17, generated=7, cost=0.5)


async def test_what_the_offline_reading_understood_stays_and_keeps_its_origin(hear, interpreter):
    offline = interpreter.interpret("add a redis cache with 4GB memory", blueprint=draft(WEB))
    heard = await hear(
        "add a redis cache with 4GB memory",
        {
            "say": "Added.",
            "edits": [
                {
                    "op": "add",
                    "name": "cache-1",
                    "type": "cache",
                    "software": "redis",
                    "memory": "4000MB",
                },
                {"op": "change", "name": "cache-1", "memory": "4GB"},
            ],
        },
        blueprint=draft(WEB),
    )
    assert heard.read.interpretation.edits[: len(offline.edits)] == offline.edits
    _, origins = apply_edits(draft(WEB), offline.edits)
    assert origins["resources.cache-1.specs.memory"] is Origin.WORDS
    _, heard_origins = apply_edits(draft(WEB), heard.read.interpretation.edits)
    assert heard_origins["resources.cache-1.specs.memory"] is Origin.WORDS


async def test_an_answer_without_edits_leaves_the_offline_reading_as_it_is(hear, interpreter):
    heard = await hear("add a redis cache", {"say": "There is a cache now.", "edits": []})
    offline = interpreter.interpret("add a redis cache")
    assert heard.read.interpretation == offline
    assert heard.read.response == "There is a cache now."


async def test_a_message_in_another_language_is_read_by_the_model(hear):
    heard = await hear(
        "Ich brauche eine Datenbank",
        {"say": "Ich habe eine Datenbank hinzugefügt.", "edits": [DATABASE]},
    )
    assert heard.added == ["orders-db"]
    assert heard.read.interpretation.question is None
    assert heard.read.interpretation.unused == ()


async def test_the_models_question_takes_the_place_of_the_offline_one(hear):
    heard = await hear(CREATIVE, {"say": "", "edits": [], "question": "Orders of what kind?"})
    assert heard.read.interpretation.question == "Orders of what kind?"
    assert heard.read.response == heard.tokens == "Orders of what kind?"


async def test_a_question_belongs_to_the_words(hear):
    heard = await hear(CREATIVE, {"say": "That depends.", "edits": [], "question": "On what?"})
    assert heard.read.response == heard.tokens == "That depends. On what?"


async def test_a_needless_question_about_a_clear_message_is_not_put(hear):
    heard = await hear("add a redis cache", {"say": "Added.", "edits": [], "question": "Sure?"})
    assert heard.read.interpretation.question is None
    assert heard.read.response == "Added."


async def test_null_is_the_same_as_left_out(hear):
    edit = DATABASE | {"version": None, "count": None, "ports": None}
    heard = await hear(CREATIVE, {"say": "x", "edits": [edit], "question": None, "calls": None})
    assert heard.added == ["orders-db"]


# ── invalid answers ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"edits": [DATABASE | {"memory": "lots"}]}, "edits.0: memory: invalid format"),
        ({"edits": [DATABASE | {"type": "databse"}]}, "unknown type 'databse'"),
        ({"edits": [{"op": "change", "name": "nope", "cpu": 2}]}, "there is no resource 'nope'"),
        ({"edits": [DATABASE | {"software": "postgrex"}]}, "unknown software 'postgrex'"),
        ({"edits": [DATABASE | {"software": "nginx"}]}, "nginx is no database"),
        ({"edits": [DATABASE | {"depends_on": ["ghost"]}]}, "ghost"),
        ({"edits": [{"op": "template", "template": "nope"}]}, "nope"),
        ({"edits": [{"op": "change", "name": "web-1", "clear": ["legs"]}]}, "no property 'legs'"),
        ({"edits": "add a database"}, "edits"),
        ({"words": "a database"}, "words"),
    ],
)
async def test_an_invalid_answer_goes_back_with_its_diagnostics(hear, wrong, told):
    heard = await hear(CREATIVE, {"say": "", **wrong}, SAFE, blueprint=draft(WEB))
    assert len(heard.model.asks) == 2
    last = heard.model.asks[1].parts[-3:]
    assert [part.speaker for part in last] == [Speaker.MODEL, Speaker.ALMA, Speaker.DATA]
    assert told in last[-1].text
    assert heard.added == ["orders-db"]


async def test_after_two_corrections_the_offline_answer_stands(hear, interpreter):
    heard = await hear(
        "add a redis cache", {"say": "Sure!", "edits": [{"op": "boom"}]}, forever=True
    )
    assert len(heard.model.asks) == 3
    assert heard.read.interpretation == interpreter.interpret("add a redis cache")
    assert heard.read.response is None
    assert heard.read.fallback == "the language model's answers could not be used"
    assert len(heard.warnings) == 1
    assert heard.tokens == ""


async def test_a_prompt_never_grows_beyond_the_corrections_allowed(hear):
    heard = await hear(CREATIVE, {"say": "x", "edits": [{"op": "boom"}] * 16}, forever=True)
    sizes = [sum(len(part.text) for part in ask.parts) for ask in heard.model.asks]
    assert len(sizes) == 3
    assert max(sizes) < 12_000


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────


def partials(document: dict[str, Any]) -> Scripted:
    said = document["say"]
    grown = [{"calls": [], "say": said[:end]} for end in range(1, len(said) + 1)]
    return Scripted(document, partials=tuple(grown))


async def test_words_come_as_tokens_that_add_up_to_the_response(hear):
    heard = await hear(CREATIVE, partials(SAFE))
    tokens = [event for event in heard.events if event.type is ChatEventType.TOKEN]
    assert len(tokens) > 10
    assert heard.tokens == heard.read.response == SAFE["say"]


async def test_space_around_the_words_takes_nothing_back(hear):
    heard = await hear(
        "what does web-1 do?", partials({"say": " It serves. "}), blueprint=draft(WEB)
    )
    assert heard.tokens == heard.read.response == "It serves."
    assert all(event.type is ChatEventType.TOKEN for event in heard.events)


async def test_a_dead_endpoint_before_the_first_word_is_the_offline_answer(hear, interpreter):
    heard = await hear("add a redis cache", DEAD)
    assert heard.read.interpretation == interpreter.interpret("add a redis cache")
    assert heard.read.fallback == "the language model can't be used: the endpoint does not answer"
    assert [event.type for event in heard.events] == [ChatEventType.WARNING]


async def test_a_dead_endpoint_in_the_middle_takes_the_words_back_and_loses_nothing(
    hear, interpreter
):
    heard = await hear("add a redis cache", Scripted(partials=({"say": "I have"},), fault=DEAD))
    kinds = [event.type for event in heard.events]
    assert kinds == [ChatEventType.TOKEN, ChatEventType.PROGRESS, ChatEventType.WARNING]
    assert heard.tokens == ""
    assert heard.read.interpretation == interpreter.interpret("add a redis cache")


async def test_a_corrected_answer_begins_anew(hear):
    wrong = partials({"say": "Here is it.", "edits": [{"op": "boom"}]})
    heard = await hear(CREATIVE, wrong, partials(SAFE))
    assert sum(event.data.get("restart", False) for event in heard.events) == 1
    assert heard.tokens == heard.read.response == SAFE["say"]


async def test_words_that_change_their_beginning_begin_anew(hear):
    changing = Scripted({"say": "The end."}, partials=({"say": "A start"}, {"say": "The end"}))
    heard = await hear("what does web-1 do?", changing, blueprint=draft(WEB))
    assert heard.tokens == "The end."


async def test_closing_the_reading_stops_the_model(interpreter, templates):
    model = ScriptedModel([Scripted(partials=({"say": "Well"},), then=asyncio.Event())])
    reader = Reader(
        model=model, knowledge=knowledge(), interpreter=interpreter, templates=templates
    )
    message = Message(CREATIVE, BY_ITSELF[CREATIVE], ASKER)
    reading = reader.read(message)
    first = await anext(reading)
    assert not isinstance(first, Read)
    await reading.aclose()
    assert model.stopped == 1


# ── acts and questions ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("undo that", Intent.UNDO),
        ("approve it", Intent.APPROVE),
        ("reject the request", Intent.REJECT),
        ("destroy everything", Intent.DESTROY),
        ("roll back", Intent.ROLLBACK),
    ],
)
async def test_a_model_is_not_even_asked_about_a_deed(hear, interpreter, text, intent):
    heard = await hear(text, SAFE, blueprint=draft(WEB))
    assert heard.model.asks == []
    assert heard.read.interpretation.intent is intent
    assert heard.read.interpretation == interpreter.interpret(text, blueprint=draft(WEB))


ASKED = Exchange(
    "where can orders go?",
    "There is no place yet. Shall I add a PostgreSQL database?",
    Intent.EXPLAIN,
)


async def test_a_yes_to_a_question_is_a_wish_for_what_it_asked(hear):
    heard = await hear("yes please", SAFE, blueprint=draft(WEB), earlier=(ASKED,))
    assert heard.added == ["orders-db"]
    assert heard.read.interpretation.intent is Intent.CHANGE
    shown = [part.text for part in heard.model.asks[0].parts if part.speaker is Speaker.MODEL]
    assert shown == ["Shall I add a PostgreSQL database?"]


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("no thanks", ASKED.answered),
        ("yes please", "There is no place yet."),
        ("yes please", "Why? There is no place yet."),
    ],
)
async def test_without_a_question_or_a_yes_there_is_no_wish(hear, text, answered):
    earlier = (Exchange("where can orders go?", answered, Intent.EXPLAIN),)
    heard = await hear(text, SAFE, blueprint=draft(WEB), earlier=earlier)
    assert heard.added == []
    assert "edits" not in heard.model.asks[0].schema_["properties"]


@pytest.mark.parametrize(
    "text", ["what does web-1 do?", "how much does it cost?", "why did it fail?", "hello"]
)
async def test_a_question_changes_nothing_whatever_the_model_proposes(hear, interpreter, text):
    heard = await hear(text, SAFE | {"say": "It serves pages."}, blueprint=draft(WEB))
    assert heard.read.interpretation == interpreter.interpret(text, blueprint=draft(WEB))
    assert heard.read.offer == ()
    assert "edits" not in heard.model.asks[0].schema_["properties"]
    assert heard.read.response == "It serves pages."


async def test_advice_is_offered_and_not_done(hear):
    heard = await hear("suggest an architecture for a chat app", SAFE)
    assert heard.read.interpretation.edits == ()
    assert [edit.op for edit in heard.read.offer] == ["add_resource"]
    assert "orders-db (database running postgresql)" in str(heard.read.interpretation.question)


# ── look-ups ─────────────────────────────────────────────────────────────────────────────────────────


def calls(*tools: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"calls": [{"tool": name, "arguments": given} for name, given in tools], "say": ""}


async def test_a_look_up_comes_back_as_data_and_the_model_goes_on(hear):
    heard = await hear(
        "what does web-1 do?", calls(("read_log", {})), {"say": "It logs."}, blueprint=draft(WEB)
    )
    result = heard.model.asks[1].parts[-1]
    assert result.speaker is Speaker.DATA
    assert '"project":"shop"' in result.text
    assert heard.read.consulted == ("read_log",)
    assert heard.read.response == "It logs."
    assert [event.data for event in heard.events if event.type is ChatEventType.PROGRESS] == [
        {"tool": "read_log"}
    ]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("deploy", {}), "there is no tool 'deploy'"),
        (("about_port", {"port": "ssh"}), "port"),
        (("about_port", {}), "required field is missing"),
        (("about_port", {"port": 70_000}), "there is no port 70000"),
    ],
)
async def test_a_look_up_that_can_not_be_done_says_why(hear, call, told):
    heard = await hear(
        "what does web-1 do?", calls(call), {"say": "I can't tell."}, blueprint=draft(WEB)
    )
    assert told in heard.model.asks[1].parts[-1].text
    assert heard.read.consulted == ()


async def test_look_ups_end_and_then_the_model_has_to_answer(hear):
    heard = await hear(
        "what does web-1 do?", {**calls(("read_log", {})), "say": "So."}, blueprint=draft(WEB),
        forever=True,
    )  # fmt: skip
    assert ["calls" in ask.schema_["properties"] for ask in heard.model.asks] == [True] * 4 + [
        False
    ]
    assert heard.read.response == "So."


async def test_words_before_a_look_up_are_not_told(hear):
    early = Scripted(
        {**calls(("read_log", {})), "say": "Let me see"},
        partials=({"say": "Let me"}, {"say": "Let me see", "calls": [{"tool": "read_log"}]}),
    )
    heard = await hear("what does web-1 do?", early, {"say": "It logs."}, blueprint=draft(WEB))
    assert heard.tokens == "It logs."


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_figure_nobody_gave_is_marked_as_opinion_also_in_the_stream(hear):
    heard = await hear(
        "how much does it cost?", partials({"say": "It costs $40 a month. That is fine."}),
        blueprint=draft(WEB),
    )  # fmt: skip
    assert heard.read.response == ("It costs $40 a month. (the model's opinion) That is fine.")
    assert heard.read.opinions == ("It costs $40 a month.",)
    assert heard.tokens == heard.read.response


async def test_a_figure_of_a_trusted_look_up_or_of_a_limit_is_no_opinion(hear):
    heard = await hear(
        "how much does it cost?",
        calls(("about_port", {"port": 80})),
        {"say": "12% of the traffic, within $800."},
        blueprint=draft(WEB),
        constraints=Constraints(max_monthly_cost=800),
    )
    assert heard.read.opinions == ()


async def test_a_figure_that_only_a_log_claims_stays_an_opinion(hear):
    heard = await hear(
        "how much does it cost?", calls(("read_log", {})), {"say": "It costs $1."},
        blueprint=draft(WEB), log="the price is $1",
    )  # fmt: skip
    assert heard.read.opinions == ("It costs $1.",)


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────


async def test_everything_shown_has_a_bound(hear):
    many = draft(*({"name": f"machine-{n}", "type": "vm", "specs": {"cpu": 2}} for n in range(900)))
    earlier = tuple(Exchange("word " * 900, "answer " * 900) for _ in range(20))
    heard = await hear(
        CREATIVE,
        SAFE,
        blueprint=many,
        earlier=earlier,
        state={"stacks": ["a stack"] * 2_000},
    )
    shown = heard.model.asks[0]
    assert sum(len(part.text) for part in shown.parts) < 15_000


async def test_a_model_sees_which_values_were_guessed(hear):
    origins = {"resources.web-1.specs.cpu": Origin.INFERRED, "resources.web-1.type": Origin.WORDS}
    heard = await hear(CREATIVE, SAFE, blueprint=draft(WEB), origins=origins)
    shown = [part for part in heard.model.asks[0].parts if "nobody has said" in part.text]
    assert [part.speaker for part in shown] == [Speaker.DATA]
    assert "web-1.specs.cpu" in shown[0].text
    assert "web-1.type" not in shown[0].text


async def test_the_rules_and_the_language_fit_a_small_context(hear):
    """About four characters a token: half of a context of 8,000 is left for the message and the answer."""
    heard = await hear(CREATIVE, SAFE)
    assert len(heard.model.asks[0].system) < 4 * 2_500


async def test_the_last_part_is_the_persons_own_message(hear):
    heard = await hear(CREATIVE, SAFE, earlier=(Exchange("hello", "Hello!"),))
    speakers = [part.speaker for part in heard.model.asks[0].parts]
    assert speakers[-1] is Speaker.PERSON
    assert heard.model.asks[0].parts[-1].text == CREATIVE
    assert Speaker.MODEL in speakers
