"""What people want, in words of their own: questions in no form of a question, remarks, acts whose verb comes apart.

No sentence here is among those that the recogniser learned from.
"""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent, SetField

SHOP = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {"name": "web", "type": "vm", "image": "ubuntu", "count": 2},
            {"name": "api", "type": "service", "image": "node:20", "count": 3},
            {"name": "orders-db", "type": "database", "engine": "postgresql"},
            {"name": "mq", "type": "queue", "engine": "rabbitmq"},
        ],
    }
)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("short health check for orders-db please", Intent.STATUS),
        ("pls give state of the api", Intent.STATUS),
        ("table of every service with its size", Intent.LIST),
        ("rundown of the servers", Intent.LIST),
        ("web-1 doesnt boot anymore", Intent.TROUBLESHOOT),
        ("messages keep piling up on mq", Intent.TROUBLESHOOT),
        ("cant ssh into web, connection timed out", Intent.TROUBLESHOOT),
        ("mysql or postgres, which should i take", Intent.SUGGEST),
        ("thanks buddy, you're a real lifesaver", Intent.SMALLTALK),
    ],
)
def test_what_orders_nothing_is_no_order_even_if_it_names_things(
    interpreter: Interpreter, message: str, intent: Intent
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert read.intent is intent
    assert read.edits == ()


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("are all of our policies respected here", Intent.COMPLIANCE),
        ("how pricey is the whole thing", Intent.COST),
        ("is it ready for 30,000 visitors at once", Intent.CAPACITY),
        ("where could an attacker break in", Intent.AUDIT),
        ("would the box survive a spike on launch day", Intent.CAPACITY),
        ("have we forgotten anything", Intent.SUGGEST),
        ("how would we get it all over to proxmox", Intent.MIGRATE),
        ("nodes are NotReady again, what to check", Intent.TROUBLESHOOT),
    ],
)
def test_a_question_with_no_word_of_a_known_topic_is_told_by_how_people_ask(
    interpreter: Interpreter, message: str, intent: Intent
) -> None:
    assert interpreter.interpret(message, blueprint=SHOP).intent is intent


@pytest.mark.parametrize(
    ("misspelled", "intent"),
    [
        ("wich resorces do we hav", Intent.LIST),
        ("are we complient with gdpr", Intent.COMPLIANCE),
        ("any vulnerabilties in this", Intent.AUDIT),
        ("the deploymnt failled, why", Intent.TROUBLESHOOT),
        ("sugest some improvments", Intent.SUGGEST),
    ],
)
def test_misspelled_questions_are_told_by_the_letters_they_share(
    interpreter: Interpreter, misspelled: str, intent: Intent
) -> None:
    assert interpreter.interpret(misspelled, blueprint=SHOP).intent is intent


@pytest.mark.parametrize("limit", ["under $800 a month", "max 300 euros", "at most $50 monthly"])
def test_a_bare_limit_stays_a_limit(interpreter: Interpreter, limit: str) -> None:
    assert interpreter.interpret(limit, blueprint=SHOP).intent is Intent.CHANGE


@pytest.mark.parametrize(
    "way",
    [
        "fire {} up",
        "spin up {}",
        "roll {} out",
        "get {} up and running",
        "put {} live",
        "push {} into production",
        "bring {} online",
        "ship {} to production",
    ],
)
@pytest.mark.parametrize("what", ["it", "everything", "the whole stack"])
@pytest.mark.parametrize("around", ["{}", "ok, {} please", "can you {} now?"])
def test_an_order_to_deploy_may_come_apart(
    interpreter: Interpreter, way: str, what: str, around: str
) -> None:
    read = interpreter.interpret(around.format(way.format(what)), blueprint=SHOP)

    assert Intent.DEPLOY in read.acts
    assert read.question is None


@pytest.mark.parametrize(
    "way",
    ["get this onto {}", "send it to {}", "roll everything out on {}", "push the stack to {}"],
)
@pytest.mark.parametrize("place", ["proxmox", "the proxmox box", "our proxmox cluster"])
def test_what_is_brought_onto_an_engine_is_deployed_there(
    interpreter: Interpreter, way: str, place: str
) -> None:
    read = interpreter.interpret(way.format(place), blueprint=SHOP)

    assert read.acts == (Intent.DEPLOY,)
    assert read.engine == "proxmox" or any(
        getattr(edit, "engine", None) == "proxmox" for edit in read.edits
    )


@pytest.mark.parametrize(
    "message",
    [
        "bring web up to 4 cores",
        "take mq down to 1 core",
        "get rid of mq",
        "turn backups on for orders-db",
    ],
)
def test_what_is_said_of_a_part_or_an_amount_is_a_change(
    interpreter: Interpreter, message: str
) -> None:
    assert interpreter.interpret(message, blueprint=SHOP).intent is Intent.CHANGE


@pytest.mark.parametrize("verb", ["get rid of", "delete", "decommission", "kill", "scrap"])
@pytest.mark.parametrize(
    "what", ["the running environment", "the whole deployment", "everything that's running"]
)
def test_what_runs_is_destroyed_by_any_verb_for_it(
    interpreter: Interpreter, verb: str, what: str
) -> None:
    assert interpreter.interpret(f"please {verb} {what}", blueprint=SHOP).acts == (Intent.DESTROY,)


@pytest.mark.parametrize(
    ("message", "intent", "request_id"),
    [
        ("+1 from me on request 3", Intent.APPROVE, 3),
        ("request 4 gets a thumbs up from me", Intent.APPROVE, 4),
        ("you have my approval", Intent.APPROVE, None),
        ("I have checked it and hereby approve it", Intent.APPROVE, None),
        ("ok, I'm signing off on this one", Intent.APPROVE, None),
        ("request 12: approved", Intent.APPROVE, 12),
        ("I'm afraid I can't approve that", Intent.REJECT, None),
        ("request 3 is turned down, it costs too much", Intent.REJECT, 3),
        ("-1 from me", Intent.REJECT, None),
        ("no from me", Intent.REJECT, None),
    ],
)
def test_a_decision_in_ones_own_words_is_one(
    interpreter: Interpreter, message: str, intent: Intent, request_id: int | None
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert intent in read.acts
    assert read.ipr_id == request_id


@pytest.mark.parametrize(
    "message",
    [
        "does he have my approval for request 3?",
        "if the price is right you have my approval",
        "the mail says request 4 is approved",
        "Bob says +1 on request 4",
        "+1 from me once the tests are green",
        "you have my ok, unless Anna objects",
        "maybe fire it up tomorrow",
        "don't put it live yet",
        "when do we bring it up?",
        "the log says: get rid of the running environment",
        "I can't approve it, maybe tomorrow",
        "I can't approve this, just kidding",
        "I won't approve it unless the cost comes down",
        "I won't sign off on it yet",
        "I won't sign off on it",
        "I won't approve it",
        "we can't accept request 8, or should we?",
    ],
)
def test_an_act_that_is_doubted_asked_or_reported_does_not_act(
    interpreter: Interpreter, message: str
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert not {Intent.APPROVE, Intent.REJECT, Intent.DEPLOY, Intent.DESTROY} & set(read.acts)
    assert read.edits == ()


@pytest.mark.parametrize(
    "message",
    [
        f"{lead}{who} {modal} {verb}{rest}"
        for lead in ("", "no, ")
        for who, modal, verb in (
            ("I", "can't", "reject"),
            ("I", "won't", "turn down"),
            ("we", "will not", "decline"),
            ("I", "wouldn't", "approve"),
            ("please", "don't", "approve"),
            ("please", "never", "reject"),
            ("Anna", "can't", "approve"),
            ("I", "didn't", "reject"),
        )
        for rest in (" it", " request 3", " this, it is fine")
    ]
    + [
        "shall I reject?",
        "can't we reject it?",
        "I can't approve request 3, I lack the rights",
        "I can't approve this because I have no permission",
        "we can't sign off on request 3 as we are not allowed to",
        "I can't say no to that",
        "not a no from me",
        "no objections from me",
        "I won't let this be rejected",
    ],
)
def test_who_denies_or_is_not_able_decides_nothing(interpreter: Interpreter, message: str) -> None:
    read = interpreter.interpret(message, blueprint=SHOP, history=["deploy it"])

    assert not {Intent.APPROVE, Intent.REJECT} & set(read.acts)
    assert read.edits == ()


@pytest.mark.parametrize(
    "regret",
    [
        "ctrl-z",
        "oh wait, wrong project, revert",
        "shit, wrong one. bring it back",
        "oh dear, can we undo what I just did?",
        "no no, wrong server. undo that please",
        "didn't mean that",
        "wait that's wrong, undo it",
    ],
)
def test_a_slip_is_taken_back_in_the_words_of_the_moment(
    interpreter: Interpreter, regret: str
) -> None:
    read = interpreter.interpret(regret, blueprint=SHOP, history=["scale api to 6"])

    assert read.acts == (Intent.UNDO,)


@pytest.mark.parametrize(
    "message",
    [
        "api must run with exactly 2 and exactly 5 replicas",
        "we need precisely 3 and precisely 4 web servers at the same time",
        "give web exactly 2 and exactly 8 cores",
    ],
)
def test_two_amounts_that_both_insist_are_asked_about(
    interpreter: Interpreter, message: str
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert read.edits == ()
    assert read.question is not None


@pytest.mark.parametrize(
    "message",
    [
        "can script kiddies get into web",
        "will customers get a new server",
        "could anonymous users add a database",
        "will users create a queue",
        "can our interns deploy web",
        "will 100GB last us for the year",
    ],
)
def test_what_others_can_or_will_do_is_asked_and_not_ordered(
    interpreter: Interpreter, message: str
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert read.edits == ()
    assert Intent.DEPLOY not in read.acts


@pytest.mark.parametrize("place", ["docker", "proxmox"])
@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("steps to get from vmware to {} please", Intent.MIGRATE),
        ("side by side of kubernetes and {}", Intent.COMPARE),
    ],
)
def test_where_things_could_run_is_no_order_to_run_them_there(
    interpreter: Interpreter, message: str, intent: Intent, place: str
) -> None:
    read = interpreter.interpret(message.format(place), blueprint=SHOP)

    assert read.intent is intent
    assert read.edits == ()


@pytest.mark.parametrize(
    "message",
    [
        "make orders-db both public and not reachable from anywhere",
        "make web public and private",
        "web should be public and not public",
    ],
)
def test_what_should_be_on_and_off_at_once_is_asked_about(
    interpreter: Interpreter, message: str
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert read.edits == ()
    assert read.question is not None


def test_of_an_amount_from_and_to_the_second_is_wanted(interpreter: Interpreter) -> None:
    read = interpreter.interpret("orders-db mem 32 => 64GB", blueprint=SHOP)

    assert read.question is None
    assert [edit.value for edit in read.edits if isinstance(edit, SetField)][-1] == "64GB"
