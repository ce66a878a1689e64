from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_catalogue, load_templates
from alma.core.language.answering.reply import describe
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.language.screening.screen import MAX_MESSAGE
from alma.core.language.vocabulary.lexicon import load_data
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.checks import diagnose
from alma.core.model.conversation import AddResource, Intent, SetBlueprint
from alma.core.model.diagnostic import Severity
from alma.core.services.templates import Templates

WEB_APP = "I need a simple web application with 2 servers and a database"


def talk(interpreter: Interpreter, *messages: str) -> tuple[Blueprint, dict[str, Origin]]:
    blueprint: Blueprint | None = None
    origins: dict[str, Origin] = {}
    for number, message in enumerate(messages):
        said = interpreter.interpret(message, blueprint=blueprint, history=messages[:number])
        blueprint, origins = apply_edits(
            blueprint,
            said.edits,
            origins=origins,
            templates=Templates(interpreter.templates).customize,
        )
    assert blueprint is not None
    return blueprint, origins


def test_what_was_not_said_is_never_marked_as_the_users_words(interpreter: Interpreter) -> None:
    _, origins = talk(interpreter, WEB_APP)
    assert origins["resources.db-1.type"] is Origin.WORDS
    for guessed in ("web-1.engine", "web-1.specs.cpu", "web-1.specs.memory", "db-1.engine"):
        assert origins[f"resources.{guessed}"] is Origin.DEFAULT
    for inferred in ("web-1.name", "web-1.type", "web-1.depends_on", "lb-1.type", "lb-1.backends"):
        assert origins[f"resources.{inferred}"] is Origin.INFERRED
    assert origins["name"] is Origin.INFERRED


def test_what_was_said_is_marked_as_the_users_words(interpreter: Interpreter) -> None:
    _, origins = talk(
        interpreter, "a VM named alpha with 8GB RAM and Debian 13 on docker, at most $50 a month"
    )
    for path in ("name", "specs.memory", "image", "type"):
        assert origins[f"resources.alpha.{path}"] is Origin.WORDS
    assert origins["resources.alpha.specs.cpu"] is Origin.DEFAULT
    assert origins["engine"] is Origin.WORDS
    assert origins["constraints.max_monthly_cost"] is Origin.WORDS


def test_every_value_has_an_origin(interpreter: Interpreter) -> None:
    from alma.core.language.editing.edits import flatten

    for messages in ([WEB_APP, "scale web to 4", "add a redis cache"], ["create a data pipeline"]):
        blueprint, origins = talk(interpreter, *messages)
        for resource in blueprint.dump()["resources"]:
            for path in flatten(resource):
                assert f"resources.{resource['name']}.{path}" in origins


def test_every_guess_is_said(interpreter: Interpreter) -> None:
    said = interpreter.interpret(WEB_APP)
    assumptions = " ".join(said.assumptions)
    for guess in ("4GB", "2 CPU", "PostgreSQL", "lb-1"):
        assert guess in assumptions


def test_lxc_suggests_proxmox_as_an_inference_and_proxmox_said_is_words(
    interpreter: Interpreter,
) -> None:
    (lxc,) = [
        e
        for e in interpreter.interpret("an alpine LXC").edits
        if isinstance(e, SetBlueprint) and e.engine
    ]
    assert (lxc.engine, lxc.origin) == ("proxmox", Origin.INFERRED)
    (said,) = [
        e
        for e in interpreter.interpret("a VM on proxmox").edits
        if isinstance(e, SetBlueprint) and e.engine
    ]
    assert (said.engine, said.origin) == ("proxmox", Origin.WORDS)


def test_words_that_changed_nothing_are_listed(interpreter: Interpreter) -> None:
    assert interpreter.interpret("a VM with a flux capacitor").unused == ("flux", "capacitor")
    assert interpreter.interpret("Please could you give me a VM, thanks").unused == ()


def test_a_question_comes_with_no_edit_of_what_it_asks_about(interpreter: Interpreter) -> None:
    blueprint, _ = talk(interpreter, WEB_APP)
    said = interpreter.interpret("make it bigger", blueprint=blueprint)
    assert said.question is not None
    assert "web-1" in said.question
    assert said.edits == ()


def test_a_clause_that_asks_keeps_what_the_others_said(interpreter: Interpreter) -> None:
    blueprint, _ = talk(interpreter, WEB_APP)
    said = interpreter.interpret("add a redis cache and remove the queue", blueprint=blueprint)
    assert [edit.op for edit in said.edits] == ["add_resource"]
    assert said.question is not None


def test_what_is_meant_by_it_comes_from_what_was_said_before(interpreter: Interpreter) -> None:
    blueprint, _ = talk(interpreter, WEB_APP)
    asked = interpreter.interpret("give it 8GB of memory", blueprint=blueprint)
    assert asked.question is not None
    known = interpreter.interpret(
        "give it 8GB of memory", blueprint=blueprint, history=["tell me about the database"]
    )
    assert [(edit.name, edit.path) for edit in known.edits] == [("db-1", "specs.memory")]  # type: ignore[union-attr]


def test_the_subject_of_a_question_is_named(interpreter: Interpreter) -> None:
    blueprint, _ = talk(interpreter, WEB_APP)
    assert interpreter.interpret("is web-2 running?", blueprint=blueprint).subject == "web-2"


def test_new_names_never_clash_with_those_in_use(interpreter: Interpreter) -> None:
    blueprint = Blueprint.model_validate(
        {"name": "s", "resources": [{"name": "DB-1", "type": "database"}]}
    )
    said = interpreter.interpret("create another database", blueprint=blueprint)
    assert [edit.resource.name for edit in said.edits if isinstance(edit, AddResource)] == ["db-2"]


@pytest.mark.parametrize(
    "message",
    [
        WEB_APP,
        "Create a simple web application",
        "Deploy an Alpine LXC named web-01",
        "Highly available Kubernetes cluster with 5 nodes",
        "a load balancer in front of 3 web servers, a redis cache, a queue and an object store",
        "2 VMs on a private network 10.0.0.0/24 with a firewall",
        "a VM with a 100GB volume",
        "a postgres 15 database with 2 read replicas and daily backups",
        "100 containers",
    ],
)
def test_what_is_drafted_passes_the_checks_of_any_document(
    interpreter: Interpreter, message: str
) -> None:
    blueprint, _ = talk(interpreter, message)
    assert [str(d) for d in diagnose(blueprint) if d.severity is Severity.ERROR] == []


def test_the_same_words_always_give_the_same_answer(interpreter: Interpreter) -> None:
    other = Interpreter(load_catalogue(), load_templates())
    for message in (WEB_APP, "ha web app with 3 servers", "tear it all down", "a few VMs"):
        assert interpreter.interpret(message) == other.interpret(message)


def test_it_works_without_templates() -> None:
    bare = Interpreter(load_catalogue())
    assert bare.interpret("a web application").edits
    said = bare.interpret("create a data pipeline")
    assert said.edits == ()
    assert said.question is not None


_SPECIAL = (
    "8GB 0 3 99999 $5 30% web-1 named 'x y' , . no more 1PB 10.0.0.0/24 memory backups nginx postgres each double "
    "instead 999999999TB"
)
_VOCABULARY = sorted(
    {str(word) for group in load_data()["verbs"].values() for word in group}
    | {str(word) for group in load_data()["types"].values() for word in group}
    | {*load_data()["common"].split(), *_SPECIAL.split(), "half a terabyte"}
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(words=st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=12), started=st.booleans())
def test_whatever_is_said_is_answered_with_edits_that_apply(
    words: list[str], started: bool
) -> None:
    interpreter = Interpreter(load_catalogue(), load_templates())
    blueprint = talk(interpreter, WEB_APP)[0] if started else None
    said = interpreter.interpret(
        " ".join(words), blueprint=blueprint, history=["add a redis cache"]
    )
    if said.edits:
        blueprint, _ = apply_edits(
            blueprint, said.edits, templates=Templates(interpreter.templates).customize
        )
    assert describe(said, blueprint).strip()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(max_size=200))
def test_any_text_gets_an_honest_answer(text: str) -> None:
    interpreter = Interpreter(load_catalogue())
    said = interpreter.interpret(text)
    assert describe(said, None).strip()
    assert isinstance(said.intent, Intent)


def test_a_message_takes_little_time_and_a_huge_one_is_cut(interpreter: Interpreter) -> None:
    begun = time.process_time()
    said = interpreter.interpret("a web server and " * 200_000)
    assert time.process_time() - begun < 5
    assert len(said.edits) <= MAX_MESSAGE


def test_importing_it_loads_no_data_and_no_heavy_library() -> None:
    code = (
        "import sys, alma.core.language.interpreter, alma.core.language.answering.reply as r; "
        "heavy = {'sqlalchemy', 'fastapi', 'langgraph', 'dbos', 'jinja2'} & set(sys.modules); "
        "from alma.core.language.vocabulary.gazetteer import load_data; "
        "print(sorted(heavy), load_data.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "0"]


@pytest.mark.parametrize(
    ("words", "engine", "unused"),
    [
        ("a redis cache on docker@nas", "docker@nas", ()),
        ("deploy 2 web servers to Proxmox@lab-2", "proxmox@lab-2", ()),
        ("a redis cache on proxmox @ lab", "proxmox", ("lab",)),
    ],
)
def test_an_engine_may_be_named_with_its_connection(
    interpreter: Interpreter, words: str, engine: str, unused: tuple[str, ...]
) -> None:
    found = interpreter.interpret(words)
    assert [e.engine for e in found.edits if isinstance(e, SetBlueprint) and e.engine] == [engine]
    assert found.unused == unused


def test_where_nothing_was_spoken_of_it_is_asked_about_and_makes_nothing(
    interpreter: Interpreter,
) -> None:
    read = interpreter.interpret("Make it highly available with 5 nodes")

    assert read.edits == ()
    assert read.question is not None
    assert "nothing in this conversation yet" in read.question


def test_after_warming_up_hardly_a_pattern_is_left_to_be_looked_into() -> None:
    looked = subprocess.run(
        [sys.executable, "-c", _COLD], capture_output=True, text=True, check=True
    ).stdout
    before, after = (int(count) for count in looked.split())
    assert before > 100
    assert after < before // 20


_COLD = """
from alma.config import load_catalogue, load_templates
from alma.core.language.interpreter import Interpreter
from alma.core.language.words import seldom

looked = []
needed = seldom._needed
seldom._needed = lambda pattern, flags: looked.append(pattern) or needed(pattern, flags)
interpreter = Interpreter(load_catalogue(), load_templates())
interpreter.warm_up()
before = len(looked)
interpreter.interpret("a web server with a postgres database and two workers")
interpreter.interpret("add a redis cache with 2GB", history=("a web server with a postgres database",))
print(before, len(looked) - before)
"""
