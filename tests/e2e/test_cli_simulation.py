"""The command line as people and scripts use it: real processes, their output, their exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import environment, serving
from tests.waiting import PATIENCE

BLUEPRINT = """
version: "1.0"
name: {name}
resources:
  - name: web
    type: service
    engine: nginx
    count: {count}
    depends_on: [db-1]
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


# Ctrl-C reaches a process from its controlling terminal only.
# What a shell starts behind its back ignores Ctrl-C, and hands that on.
OWN_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.login_tty(os.dup(0))
os.execv(sys.executable, [sys.executable, "-m", "alma", *sys.argv[1:]])
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
        timeout=PATIENCE,
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

    asked = json.loads(done(alma(home, "iprs", "list", "--json")))["items"][0]["id"]
    again = done(alma(home, "deploy", str(file)))
    assert "No changes" in again
    found = json.loads(done(alma(home, "iprs", "list", "--json")))["items"]
    assert found[0]["id"] == asked, "no request is opened for nothing"
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
    assert "Nothing to destroy" in done(alma(home, "destroy", name))
    unproved = alma(home, "verify", name)
    done(unproved, 1)
    assert "is destroyed and only its data is left" in unproved.stderr
    assert name not in done(alma(home, "verify")), "what is destroyed on purpose fails no check"
    done(alma(home, "destroy", name, "--yes", "--volumes"))
    assert "nothing runs" in done(alma(home, "status", name))


CLUSTER = """
name: {name}
resources:
  - name: k8s
    type: kubernetes_cluster
    specs: {{control_plane: 3, workers: 5}}
    policies: {{network: default-deny, pod_security: {level}}}
constraints: {{max_monthly_cost: 800}}
"""


def test_a_clusters_policy_is_in_the_plan_and_changes_in_place(home: Path, tmp_path: Path) -> None:
    file, name = tmp_path / "cluster.yaml", "policies"
    file.write_text(CLUSTER.format(name=name, level="baseline"))
    planned = done(alma(home, "deploy", str(file), "--yes"))
    assert re.search(r"policies\.network +default-deny", planned)
    assert "No changes" in done(alma(home, "plan", str(file)))

    file.write_text(CLUSTER.format(name=name, level="restricted"))
    changed = done(alma(home, "deploy", str(file), "--yes"))
    assert "~ kubernetes_cluster k8s" in changed
    assert re.search(r"policies\.pod_security +baseline → restricted", changed)
    assert "Plan: 1 to be changed." in changed
    assert "No changes" in done(alma(home, "plan", str(file)))


def test_a_changed_file_says_as_which_revision_it_was_saved(home: Path, file: Path) -> None:
    done(alma(home, "deploy", str(file), "--yes"))
    written(file.parent, name_of(file), count=3)
    changed = alma(home, "deploy", str(file), "--yes")
    assert "saved as revision 2 of blueprint" in changed.stderr


def test_names_that_nothing_has_come_with_those_there_are(home: Path, file: Path) -> None:
    done(alma(home, "deploy", str(file), "--yes"))
    for name in ("nonesuch", "99999"):
        unknown = alma(home, "plan", "--blueprint", name)
        done(unknown, 2)
        assert name_of(file) in unknown.stderr
    for verb in ("status", "verify"):
        unknown = alma(home, verb, "--engine", "nonesuch")
        done(unknown, 2)
        assert "available engines: docker, kubernetes, proxmox, simulation" in unknown.stderr


def test_a_log_tells_each_proof_once_and_counts_in_words(home: Path, file: Path) -> None:
    name = f"{name_of(file)[:40]}-log"
    single = json.dumps({"name": name, "resources": [{"name": "net", "type": "network"}]})
    done(alma(home, "deploy", "-", "--yes", stdin=single))
    log = done(alma(home, "deployments", "logs"))
    assert "queued 1 change on simulation" in log
    assert "  verified net: present" in log


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


def opened(home: Path, file: Path) -> int:
    """The number of a request that waits for its review."""
    url = json.loads((home / "server.json").read_text())["url"]
    with httpx.Client(base_url=f"{url}/api/v1", timeout=PATIENCE) as client:
        headers = {"Content-Type": "application/yaml"}
        saved = client.post("/blueprints", content=file.read_text(), headers=headers).json()
        order = {"title": "Launch", "description": "the first", "blueprint_id": saved["id"]}
        return int(client.post("/iprs", json=order).json()["id"])


def test_a_request_is_looked_at_approved_and_deployed(home: Path, file: Path) -> None:
    number = str(opened(home, file))
    assert "+ service web, web-2" in done(alma(home, "iprs", "show", number))
    early = alma(home, "iprs", "deploy", number, "--yes")
    done(early, 4)
    assert f"alma iprs approve {number}" in early.stderr

    approved = json.loads(
        done(alma(home, "iprs", "approve", number, "-m", "ok", "--yes", "--json"))
    )
    assert approved["status"] == "approved"
    assert approved["reviews"][0]["plan_digest"] == approved["plan"]["digest"]
    assert "✓ Deployed" in done(alma(home, "iprs", "deploy", number, "--yes"))
    assert "approved just now (their own request): ok" in done(alma(home, "iprs", "show", number))

    again = alma(home, "iprs", "deploy", number, "--yes")
    done(again, 1)
    assert f"IPR {number} is deployed" in again.stderr


def test_a_rejected_request_can_not_be_deployed(home: Path, file: Path) -> None:
    number = str(opened(home, file))
    assert "rejected" in done(alma(home, "iprs", "reject", number))
    done(alma(home, "iprs", "deploy", number, "--yes"), 1)
    assert number in done(alma(home, "iprs", "list", "--status", "rejected"))


def test_where_somebody_else_has_to_review_the_request_waits(tmp_path: Path) -> None:
    file, home = written(tmp_path, "careful", count=1), tmp_path / "home"
    answer = alma(home, "deploy", str(file), "--yes", ALMA_IPR_REQUIRE_REVIEW="true")
    done(answer, 4)
    assert "alma iprs approve 1" in answer.stderr
    waiting = json.loads(done(alma(home, "iprs", "list", "--json")))["items"]
    assert [(ipr["id"], ipr["status"]) for ipr in waiting] == [(1, "pending")]


def in_terminal(home: Path, *words: str, keys: str, after: str) -> tuple[str, int]:
    """A command in a terminal, where `keys` are pressed once it has said `after`."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 120))
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, *words],
        env=environment(home, TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen, pressed = "", False
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while piece := screen.read(4096):  # ends with EIO on Linux
            seen += piece.decode(errors="replace")
            if after in seen and not pressed:
                pressed = True
                os.write(screen.fileno(), keys.encode())
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).replace("\r\n", "\n"), process.wait()


def test_in_a_terminal_a_yes_deploys_with_a_table_that_lives(home: Path, file: Path) -> None:
    text, code = in_terminal(home, "deploy", str(file), keys="y\n", after="[y/N]")
    assert code == 0, text
    assert "Deploy these 5 changes to simulation? [y/N]" in text
    assert "5 of 5" in text
    assert f"✓ Deployed {name_of(file)} on simulation" in text


@pytest.mark.parametrize(("keys", "code"), [("\n", 4), ("n\n", 4), ("\x03", 130), ("\x04", 4)])
def test_anything_but_yes_changes_nothing(home: Path, tmp_path: Path, keys: str, code: int) -> None:
    name = f"declined-{keys.encode().hex()}"
    file = written(tmp_path, name, count=1)
    text, left_with = in_terminal(home, "deploy", str(file), keys=keys, after="[y/N]")
    assert left_with == code, text
    assert (
        "\nInterrupted.\n" if code == 130 else "\nNot approved; nothing was deployed.\n"
    ) in text
    found = json.loads(done(alma(home, "iprs", "list", "--json")))["items"]
    assert {ipr["status"] for ipr in found if ipr["stack"] == name} == {"cancelled"}


def test_a_conversation_in_a_terminal_has_commands(home: Path) -> None:
    text, code = in_terminal(
        home, "chat", keys="a redis cache\n/plan\n/show\n/nonsense\n/quit\n", after="you> "
    )
    assert code == 0, text
    assert "to be created" in text
    assert "resources:" in text
    assert "there is no command /nonsense" in text


def chat(home: Path, message: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(done(alma(home, "chat", message, "--json")))
    return answer


def test_words_become_a_blueprint_that_can_be_deployed(home: Path) -> None:
    said = alma(home, "chat", "I need a simple web application with 2 servers and a database")
    text = done(said)
    assert "postgresql" in text
    number = text.partition("alma deploy --blueprint ")[2].split()[0]
    assert "✓ Deployed" in done(alma(home, "deploy", "--blueprint", number, "--yes"))
    assert "/api/v1/" not in text


def test_a_wish_that_words_alone_must_not_do_names_the_command(home: Path) -> None:
    done(alma(home, "chat", "a redis cache", "--conversation", "parting"))
    text = done(alma(home, "chat", "destroy it", "--conversation", "parting"))
    assert "alma destroy redis" in text.partition("You could:")[2]
    assert "/api/v1/" not in text


def test_an_engine_on_the_command_line_counts_as_said(home: Path) -> None:
    said = done(alma(home, "chat", "a redis cache", "--engine", "docker"))
    assert "It would land on Docker" in said


def test_with_alma_debug_an_error_shows_where_it_came_from_and_means_the_same(home: Path) -> None:
    answer = alma(home, "validate", "nonesuch.yaml", ALMA_DEBUG="1")
    assert answer.returncode == 2
    assert "Traceback" in answer.stderr
    assert "\nerror: there is no file nonesuch.yaml\n" in answer.stderr


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


def test_a_failure_is_told_with_its_reason_and_what_was_done_is_undone(tmp_path: Path) -> None:
    file, home = written(tmp_path, "unlucky", count=1), tmp_path / "home"
    faults = tmp_path / "faults.yaml"
    faults.write_text("[{kind: storage_full, action: create, address: web}]")
    answer = alma(home, "deploy", str(file), "--yes", ALMA_SIMULATION_FAULTS=str(faults))
    text = done(answer, 1)
    assert "✗ service web failed" in text
    assert "✗ Deploying unlucky on simulation failed; what was done is undone" in text
    assert "no space left for the create of web" in text.partition("✗ Deploying")[2]
    assert "Nothing is deployed" in done(alma(home, "status"))
    assert "rolled_back" in done(alma(home, "deployments", "show"))


def test_ctrl_c_cancels_cleanly_and_what_was_made_is_undone(tmp_path: Path) -> None:
    file = written(tmp_path, "slow", count=3)
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "alma", "deploy", str(file), "--yes"],
        env=environment(home, ALMA_SIMULATION_TIME_SCALE="3", PYTHONUNBUFFERED="1"),
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
    with serving(home, ALMA_SIMULATION_TIME_SCALE="3"):
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
        log = done(alma(home, "deployments", "logs", "--follow"))
        assert "cancel requested" in log
        # Under way, it may have been done before it could be stopped; but it has ended by itself.
        shown = json.loads(done(alma(home, "deployments", "show", "--json")))
        assert shown["status"] in {"cancelled", "succeeded"}
