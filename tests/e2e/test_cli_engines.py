"""Engines from the command line: configured once, checked at once, used by name, and forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import serving
from tests.e2e.test_cli_simulation import alma, done, in_terminal, written

CANARY = "canary-5d2ab1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory on which a server runs."""
    path = tmp_path_factory.mktemp("engines")
    with serving(path):
        yield path


def test_a_connection_is_configured_checked_used_and_forgotten(home: Path, tmp_path: Path) -> None:
    saved = done(alma(home, "engines", "configure", "simulation@lab", "--set", "seed=7"))
    assert "Saved how simulation@lab is reached:" in saved
    assert "  seed: 7" in saved
    assert "✓ simulation@lab" in saved
    assert "simulation@lab" in done(alma(home, "engines", "list"))

    file = written(tmp_path, "on-the-lab", count=1)
    deployed = done(alma(home, "deploy", str(file), "--yes", "--engine", "simulation@lab"))
    assert "✓ Deployed on-the-lab on simulation@lab in" in deployed
    assert "on-the-lab on simulation@lab · revision 1" in done(alma(home, "status", "on-the-lab"))

    refused = alma(home, "engines", "forget", "simulation@lab", "--yes")
    done(refused, 1)
    assert "on-the-lab is deployed there" in refused.stderr

    done(alma(home, "destroy", "on-the-lab", "--volumes", "--yes"))
    done(alma(home, "engines", "forget", "simulation@lab", "--yes"))
    unknown = alma(home, "engines", "check", "simulation@lab")
    done(unknown, 2)
    assert "has no connection 'lab'" in unknown.stderr
    assert "known here: simulation" in unknown.stderr


def test_an_engine_that_does_not_answer_is_saved_and_told(home: Path) -> None:
    answer = alma(home, "engines", "configure", "docker@gone", "--set", "host=tcp://127.0.0.1:9")
    said = done(answer, 5)
    assert "Saved how docker@gone is reached:" in said
    assert "✗ docker@gone" in said
    found = json.loads(done(alma(home, "engines", "check", "docker@gone", "--json"), 5))
    assert found["problems"]


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (("configure", "simulation@x", "--set", "sed=7"), "", "sed: "),
        (("configure", "simulation@x", "--set", "seed"), "", "write it as NAME=VALUE"),
        (("configure", "simulation@x", "--set", "path=/etc/x"), "", "can't say path"),
        (("configure", "simulation@x", "--secret", "token"), "", "--secret-stdin"),
        (("configure", "simulation@x", "--secret-stdin"), f"{CANARY}\n", "has 1 lines"),
        (
            ("configure", "simulation@x", "--secret", "token", "--secret-stdin"),
            f"{CANARY}\n",
            "token: ",
        ),
        (("configure", "simulation@x", "--token-id", f"a@pve!b={CANARY}"), "", "command line"),
        (("forget", "simulation@never", "--yes"), "", "has no connection 'never'"),
        (("forget", "simulation"), "", "add --yes"),
    ],
)
def test_what_can_t_be_is_told_without_a_secret(
    home: Path, words: tuple[str, ...], stdin: str, told: str
) -> None:
    answer = alma(home, "engines", *words, stdin=stdin)
    done(answer, 2)
    assert told in answer.stderr
    assert CANARY not in answer.stderr + answer.stdout


def test_a_secret_that_is_typed_is_not_seen(home: Path) -> None:
    words = ("engines", "configure", "simulation@x", "--secret", "token")
    said, code = in_terminal(home, *words, keys=f"{CANARY}\n", after="token: ")
    assert code == 2, said
    assert "token: Extra inputs are not permitted" in " ".join(
        said.split()
    )  # lines are cut to the terminal
    assert CANARY not in said
