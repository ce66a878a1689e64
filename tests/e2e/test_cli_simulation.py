"""The command line as people and scripts use it: real processes, their output, their exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import environment, serving

BLUEPRINT = """
version: "1.0"
name: {name}
resources:
  - name: web
    type: service
    engine: nginx
    count: {count}
    network:
      ports: [80]
  - name: db-1
    type: database
    engine: postgresql
"""
BROKEN = """
version: "1.0"
name: broken
resources:
  - name: web
    type: service
    specs:
      memory: plenty
"""


def alma(
    home: Path, *words: str, stdin: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """A command on a data directory, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "alma", *words],
        env=environment(home, **settings),
        input=stdin or "",
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def done(answer: subprocess.CompletedProcess[str], code: int = 0) -> str:
    """What it printed; shows everything when it did not end as it should."""
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory on which a server runs."""
    path = tmp_path_factory.mktemp("served")
    with serving(path):
        yield path


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A blueprint with a name of its own."""
    return written(tmp_path, str(request.node.name).replace("_", "-")[5:50], count=2)


def written(folder: Path, name: str, *, count: int) -> Path:
    path = folder / "app.yaml"
    path.write_text(BLUEPRINT.format(name=name, count=count))
    return path


def name_of(file: Path) -> str:
    return file.read_text().partition("name: ")[2].partition("\n")[0]


def test_plan_deploy_again_change_status_verify_destroy(home: Path, file: Path) -> None:
    name = name_of(file)
    planned = done(alma(home, "plan", str(file), "--exit-code"), 3)
    assert "+ service web, web-2" in planned

    deployed = done(alma(home, "deploy", str(file), "--yes"))
    assert "✓ service web-2 created in" in deployed
    assert f"✓ Deployed {name} on simulation in" in deployed

    again = done(alma(home, "deploy", str(file)))
    assert "No changes" in again
    assert done(alma(home, "plan", str(file), "--exit-code")).endswith(
        "No changes: what runs is what the blueprint says.\n"
    )

    written(file.parent, name, count=1)
    assert "- service web-2  DESTRUCTIVE" in done(alma(home, "plan", str(file)))

    status = done(alma(home, "status", name))
    assert f"{name} on simulation · revision 1" in status
    assert "●  db-1" in status
    assert "checks passed" in done(alma(home, "verify", name))

    destroyed = done(alma(home, "destroy", name, "--yes"))
    assert "Kept, with their data: db-1-data" in destroyed
    assert "destroyed, data kept" in done(alma(home, "status", name))
    done(alma(home, "destroy", name, "--yes", "--volumes"))
    assert "nothing runs" in done(alma(home, "status", name))


def test_a_plan_saves_nothing_and_leaves_no_request(home: Path, file: Path) -> None:
    before = json.loads(done(alma(home, "iprs", "list", "--json")))
    done(alma(home, "deploy", str(file), "--dry-run"))
    assert json.loads(done(alma(home, "iprs", "list", "--json"))) == before
    unknown = alma(home, "plan", "--blueprint", name_of(file))
    assert "there is no blueprint" in unknown.stderr
    assert unknown.returncode == 2


def test_json_is_one_document_and_people_are_told_elsewhere(home: Path, file: Path) -> None:
    answer = alma(home, "deploy", str(file), "--yes", "--json")
    document = json.loads(done(answer))
    assert document["changed"] is True
    assert document["deployment"]["status"] == "succeeded"
    assert {step["state"] for step in document["deployment"]["steps"]} == {"succeeded"}
    assert "Deployed" in answer.stderr

    assert json.loads(done(alma(home, "deploy", str(file), "--json")))["changed"] is False
    stacks = json.loads(done(alma(home, "status", "--json")))["stacks"]
    assert name_of(file) in {stack["name"] for stack in stacks}
    events = [
        json.loads(line)
        for line in done(
            alma(home, "deployments", "logs", document["deployment"]["id"][:8], "--json")
        ).splitlines()
    ]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "complete"


def test_without_a_terminal_and_without_yes_nothing_is_deployed(home: Path, file: Path) -> None:
    answer = alma(home, "deploy", str(file))
    done(answer, 2)
    assert "--yes" in answer.stderr
    newest = json.loads(done(alma(home, "iprs", "list", "--json", "--limit", "1")))["items"][0]
    assert (newest["stack"], newest["status"]) == (name_of(file), "cancelled")


@pytest.mark.parametrize(
    ("words", "stdin", "code", "told"),
    [
        (("deploy", "-", "--yes"), BROKEN, 2, "line 8, column 7: resources.0.specs.memory"),
        (("plan", "-"), "name: [", 2, "line 1"),
        (("plan", "-"), "", 2, "standard input is empty"),
        (("plan", "/nowhere/app.yaml"), "", 2, "there is no file /nowhere/app.yaml"),
        (("validate", "-"), BROKEN, 2, ""),
        (("plan", "--template", "simple-web-ap"), "", 2, "did you mean 'simple-web-app'"),
        (("plan", "--template", "simple-web-app", "--engine", "mars"), "", 2, "Unknown engine"),
        (("plan",), "", 2, "give one blueprint"),
        (("engines", "check", "mars"), "", 2, "Unknown engine"),
        (("iprs", "approve", "9999", "--yes"), "", 2, "IPR 9999"),
        (("deployments", "show", "ffffffff"), "", 2, "no deployment begins with 'ffffffff'"),
        (("status", "--server", "ftp://x"), "", 2, "no URL"),
        (("status", "--server", "http://127.0.0.1:9"), "", 5, "no answer from"),
        (("templates", "customize", "redis-cluster", "colour=red"), "", 2, "colour"),
    ],
)
def test_what_is_wrong_is_told_with_its_exit_code(
    home: Path, words: tuple[str, ...], stdin: str, code: int, told: str
) -> None:
    answer = alma(home, *words, stdin=stdin)
    done(answer, code)
    assert told in answer.stderr


def test_a_request_is_reviewed_and_deployed_step_by_step(home: Path, file: Path) -> None:
    with_url = {"ALMA_SERVER": json.loads((home / "server.json").read_text())["url"]}
    saved = chat(home, "a redis cache named cache-7")
    import_of = alma(home, "deploy", "--blueprint", str(saved["blueprint_id"]), **with_url)
    done(import_of, 2)
    newest = json.loads(done(alma(home, "iprs", "list", "--json", "--limit", "1")))["items"][0]
    assert newest["status"] == "cancelled"
    done(alma(home, "iprs", "deploy", str(newest["id"]), "--yes"), 1)


def chat(home: Path, message: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(done(alma(home, "chat", message, "--json")))
    return answer


def test_words_become_a_blueprint_that_can_be_deployed(home: Path) -> None:
    said = alma(home, "chat", "I need a simple web application with 2 servers and a database")
    text = done(said)
    assert "postgresql" in text
    number = text.partition("alma deploy --blueprint ")[2].split()[0]
    assert "✓ Deployed" in done(alma(home, "deploy", "--blueprint", number, "--yes"))
    assert "/api/v1/iprs" not in text.partition("You could:")[2]


def test_templates_are_listed_shown_and_turned_into_files(home: Path, tmp_path: Path) -> None:
    assert done(alma(home, "templates", "list")).count("\n") == 11
    assert "instance_count" in done(alma(home, "templates", "show", "simple-web-app"))
    turned = done(alma(home, "templates", "customize", "simple-web-app", "instance_count=4"))
    assert "count: 4" in turned
    assert "valid" in done(alma(home, "validate", "-", stdin=turned))


def test_a_second_server_on_the_directory_is_refused(home: Path) -> None:
    answer = alma(home, "serve", "--port", "0")
    done(answer, 5)
    assert "runs on" in answer.stderr


def test_the_version_and_the_schema_are_told(home: Path) -> None:
    assert json.loads(done(alma(home, "version", "--json")))["server"]["version"]
    assert "resources" in json.loads(done(alma(home, "schema")))["properties"]
    assert "simulation" in done(alma(home, "engines", "list"))


def test_without_a_server_a_command_brings_its_own_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    file = written(tmp_path, "alone", count=1)
    sockets = tmp_path / "sockets"
    sockets.mkdir()
    assert "✓ Deployed alone" in done(alma(home, "deploy", str(file), "--yes", TMPDIR=str(sockets)))
    assert list(sockets.iterdir()) == []
    assert not (home / "server.json").exists()
    assert "●  web" in done(alma(home, "status"))


def test_ctrl_c_cancels_cleanly_and_what_was_made_is_undone(tmp_path: Path) -> None:
    file = written(tmp_path, "slow", count=3)
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "alma", "deploy", str(file), "--yes"],
        env=environment(home, ALMA_SIMULATION_TIME_SCALE="2", PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "network network creating" in line:
                process.send_signal(signal.SIGINT)
    text = "".join(lines)
    assert process.returncode == 130, text
    assert "cancelling: what is in flight is finished first" in text
    assert "■ Cancelled the deployment of slow" in text
    assert "Nothing is deployed" in done(alma(home, "status"))


def test_leaving_with_a_second_ctrl_c_lets_the_deployment_go_on(tmp_path: Path) -> None:
    file = written(tmp_path, "left", count=3)
    home = tmp_path / "home"
    with serving(home, ALMA_SIMULATION_TIME_SCALE="2"):
        process = subprocess.Popen(
            [sys.executable, "-m", "alma", "deploy", str(file), "--yes"],
            env=environment(home, PYTHONUNBUFFERED="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "network network creating" in line or "cancelling:" in line:
                    os.kill(process.pid, signal.SIGINT)
        text = "".join(lines)
        assert process.returncode == 130, text
        assert "goes on: alma deployments logs" in text
        assert "cancelled" in done(alma(home, "deployments", "logs", "--follow"))
