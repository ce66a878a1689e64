from __future__ import annotations

import pytest

from alma.core.language.intent.act import Act
from alma.core.language.intent.acts import Acts
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.tokens import tokenize
from alma.core.model.conversation import Intent


@pytest.fixture(scope="module")
def acts(gazetteer: Gazetteer) -> Acts:
    return Acts(gazetteer)


def read(acts: Acts, gazetteer: Gazetteer, message: str) -> tuple[Act, ...]:
    return acts.read(gazetteer.prepare(tokenize(message)).tokens)


@pytest.mark.parametrize(
    "message",
    [
        "How many servers would I need?",
        "Should I add a redis cache?",
        "what if I remove the database",
        "is the load balancer healthy?",
        "why does the VM crash?",
        "a database and 2 servers?",
        "run a security audit",
        "I have 3 VMs and a database",
        "don't create a VM",
        "the server won't start",
    ],
)
def test_what_asks_tells_or_forbids_never_edits(
    acts: Acts, gazetteer: Gazetteer, message: str
) -> None:
    assert not any(act.edits for act in read(acts, gazetteer, message))


@pytest.mark.parametrize(
    "message",
    [
        "Can you create 2 VMs?",
        "could we please have a database?",
        "would you add a cache",
        "I'd like a VM",
        "let's deploy it",
    ],
)
def test_a_polite_order_is_an_order(acts: Acts, gazetteer: Gazetteer, message: str) -> None:
    assert all(act.edits for act in read(acts, gazetteer, message))


def test_one_message_may_hold_several_orders(acts: Acts, gazetteer: Gazetteer) -> None:
    found = read(
        acts,
        gazetteer,
        "add a redis cache, remove web-2 and then scale web to 3. What does it cost?",
    )
    assert [act.verb for act in found] == ["add", "remove", "scale", None]
    assert found[-1].intent is Intent.COST


def test_two_verbs_with_one_object_are_one_order(acts: Acts, gazetteer: Gazetteer) -> None:
    assert [act.verb for act in read(acts, gazetteer, "create and deploy a VM")] == ["deploy"]


def test_a_sentence_without_a_wish_continues_the_one_before(
    acts: Acts, gazetteer: Gazetteer
) -> None:
    (act,) = read(acts, gazetteer, "I need 2 VMs. 4 cores each. Debian 13.")
    words = ["2", "VMs", ";", "4", "cores", "each", ";", "Debian", "13"]
    assert [token.text for token in act.body] == words


def test_verbs_that_are_nouns_do_not_cut_a_sentence(acts: Acts, gazetteer: Gazetteer) -> None:
    assert len(read(acts, gazetteer, "2 VMs and run nginx on them")) == 1
    assert len(read(acts, gazetteer, "create a host and backup volume")) == 1
