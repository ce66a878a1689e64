"""The help is what everybody meets first: it must be quick, complete, and show how a thing is done."""

from __future__ import annotations

import importlib
import subprocess
import sys
from keyword import iskeyword
from typing import Any

import pytest
from typer.testing import CliRunner

from alma.cli.app import Alma, app

HEAVY = {"dbos", "fastapi", "httpx", "langgraph", "pydantic", "rich", "sqlalchemy", "uvicorn"}
OF_TYPER = {"pydantic"}  # Typer itself reads a verb's options with it
VERBS = [name for verbs in Alma.verbs.values() for name in verbs]
GROUPS = {
    "templates": ("list", "show", "customize"),
    "council": ("convene", "show"),
    "policy": ("list", "show", "test", "check", "waive", "waivers", "unwaive"),
    "tools": ("list", "show", "run", "ask"),
    "iprs": ("list", "show", "approve", "reject", "deploy", "cancel", "replan"),
    "conversations": ("list", "show", "graph", "rename", "delete"),
    "deployments": ("list", "show", "logs", "cancel", "retry"),
    "engines": ("list", "check", "configure", "forget"),
    "prices": ("list", "show", "import", "export"),
    "audit": ("list", "show", "verify", "export", "head", "prune"),
    "keys": ("create", "list", "revoke"),
    "secrets": ("status", "rotate", "reencrypt"),
    "projects": ("list", "show", "create", "rename", "archive", "rules"),
    "members": ("list", "grant", "revoke"),
    "roles": ("list", "show", "create", "delete"),
    "operator": ("run", "crds"),
    "users": ("create", "list", "disable", "enable", "password"),
}
COMMANDS = [(verb,) for verb in VERBS if verb not in GROUPS] + [
    (group, name) for group, names in GROUPS.items() for name in names
]


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), prog_name="alma")


@pytest.mark.parametrize("words", [("--help",), ("deploy", "--help"), ("iprs", "--help"), ("-V",)])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    code = (
        "import sys; sys.argv = ['alma', *sys.argv[1:]]\n"
        "from alma.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert answer.stdout
    allowed = OF_TYPER if words[0] in VERBS else set()
    assert HEAVY & set(answer.stderr.split()) <= allowed


def test_the_help_lists_every_verb_the_exit_codes_and_something_to_try() -> None:
    text = run("--help").output
    for verb in VERBS:
        assert f"  {verb} " in text
    assert "130  interrupted" in text
    assert "alma deploy app.yaml" in text
    assert all(len(line) <= 88 for line in text.splitlines())


def test_every_verb_is_a_module_with_an_app() -> None:
    for verb in VERBS:
        taken = iskeyword(verb) or verb in Alma.taken
        assert importlib.import_module(f"alma.cli.{verb}{'_' * taken}").app


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples_and_the_common_options(
    command: tuple[str, ...],
) -> None:
    answer = run(*command, "--help")
    assert answer.exit_code == 0
    assert answer.output.startswith(f"Usage: alma {' '.join(command)}")
    assert "Examples:" in answer.output
    assert "--no-color" in answer.output
    if command not in {
        ("serve",),
        ("worker",),
        ("migrate",),
        ("operator", "run"),
        ("operator", "crds"),
        ("policy", "test"),
        ("prices", "import"),
    }:
        assert "--server URL" in answer.output
        assert "--project NAME" in answer.output
    if command not in {("serve",), ("worker",), ("mcp",), ("audit", "export")}:
        assert "--json" in answer.output


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("depoly", "x"), "Did you mean 'deploy'"),
        (("iprs", "aprove", "7"), "Did you mean 'approve'"),
        (("destroy",), "Missing argument 'NAME'"),
        (("deploy", "--engin", "docker"), "--engine"),
        (("iprs", "show", "seven"), "Invalid value for 'ID'"),
        ((), "Usage: alma"),
    ],
)
def test_wrong_usage_says_what_is_right(words: tuple[str, ...], hint: str) -> None:
    answer = run(*words)
    assert answer.exit_code == 2
    assert hint in answer.output


def test_the_end_of_a_command_does_not_look_for_garbage_in_all_that_was_imported() -> None:
    code = (
        "import atexit, gc, sys; sys.argv = ['alma', '--version']\n"
        "atexit.register(lambda: print('frozen:', gc.get_freeze_count() > 0))\n"
        "from alma.cli.app import main\n"
        "main()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "frozen: True" in answer.stdout
