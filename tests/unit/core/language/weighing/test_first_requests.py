"""First requests in prose: what is wanted is made, whatever is told around it."""

from __future__ import annotations

import pytest

from alma.core.language.intent.clausing import Clausing
from alma.core.language.interpreter import Interpreter
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.weighing.standings import Standing
from alma.core.language.weighing.wants import sorted_clauses
from alma.core.language.weighing.wishes import Part, as_wishes
from alma.core.language.words.tokens import tokenize
from alma.core.model.conversation import AddResource

WANTED = (
    "What I'd like is a MySQL database.",
    "Please set up a MySQL database.",
    "So one MySQL database, please.",
)
TOLD = (
    "The old Oracle instance stays with the DBAs.",
    "A colleague suggested Kafka, but that's overkill.",
    "I was about to ask you for a Cassandra cluster.",
    "Elasticsearch is something we can add next year.",
    "The MongoDB of the sales people is not our problem.",
    "The Redis in the data centre is managed by the provider and it stays there.",
)  # fmt: skip


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("wanted", WANTED)
def test_what_is_told_before_or_after_a_wish_makes_nothing(
    interpreter: Interpreter, wanted: str, told: str
) -> None:
    for message in (f"{told} {wanted}", f"{wanted} {told}"):
        read = interpreter.interpret(message)
        made = [edit.resource.engine for edit in read.edits if isinstance(edit, AddResource)]
        assert made == ["mysql"], message


def left_of(message: str, gazetteer: Gazetteer) -> str:
    parts = [
        Part(said, gazetteer.tag(gazetteer.prepare(tokenize(said.text)).tokens))
        for said in sorted_clauses(message, Clausing(gazetteer))
    ]
    return as_wishes(message, parts, {Standing.WANTED, Standing.OPEN})


@pytest.mark.parametrize("told", TOLD)
def test_only_what_is_told_is_left_out_of_a_message(gazetteer: Gazetteer, told: str) -> None:
    left = left_of(f"Hello team. {told} Please set up a MySQL database.", gazetteer)
    assert left.startswith("Hello team. ")
    assert left.endswith("I need a MySQL database.")


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("What we have in mind is a MySQL database.", "I need a MySQL database."),
        ("So two Debian VMs it is.", "So I need two Debian VMs."),
        ("This year eight Ubuntu VMs are enough.", "I need eight Ubuntu VMs."),
        ("Could you prepare two VMs for us?", "I need two VMs for us."),
        ("The idea is to put a Redis next to it.", "please put a Redis next to it."),
        ("We settled on RabbitMQ.", "I need RabbitMQ."),
        (
            "I need a cluster with 3 nodes. 4 cores and 16 GB per node would do.",
            "I need a cluster with 3 nodes with 4 cores and 16 GB per node",
        ),
    ],
)
def test_wishes_are_put_plainly(gazetteer: Gazetteer, said: str, plain: str) -> None:
    assert left_of(said, gazetteer) == plain


def test_what_merely_describes_is_left_open(interpreter: Interpreter) -> None:
    read = interpreter.interpret("We need two web servers. Orders are stored in PostgreSQL.")
    made = [edit.resource.engine for edit in read.edits if isinstance(edit, AddResource)]
    assert "postgresql" in made
