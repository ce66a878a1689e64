"""No secret gets out: one is planted wherever a secret can enter, the server is driven through good and bad ways, and
then everything that it has said or stored is searched for every one of them, in every form that texts take."""

from __future__ import annotations

import base64
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from alma.core.model.errors import AlmaError
from alma.db.database import open_database
from tests.e2e.server import environment, serving
from tests.waiting import PATIENCE

API = "/api/v1"
SHOP = {
    "name": "canary-shop",
    "resources": [
        {"type": "service", "name": "web", "image": "nginx:1.27"},
        {"type": "database", "name": "db", "engine": "postgresql"},
    ],
}
WRITTEN = "value written in a blueprint"
"""A blueprint is kept and shown as it was written: this one may stand there, and nowhere else."""
DOCUMENTS = re.compile(rf"(GET|POST|PUT) {API}/(blueprints|iprs|stacks)\b")
QUERIES = (
    "{ engines { engine facts } }",
    "{ blueprints { nodes { id name } } }",
    "{ conversations { nodes { id title } } }",
)
COMMANDS = (
    ("engines", "list"),
    ("audit", "list", "--everywhere"),
    ("audit", "export"),
    ("audit", "verify"),
    ("secrets", "status", "--json"),
    ("keys", "list"),
    ("users", "list"),
    ("status",),
    ("version",),
)
WORKING = {"name": "canary-works", "resources": [{"type": "database", "name": "db"}]}


class Canaries:
    """Secrets by what they stand for, each different at every run."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def plant(self, name: str) -> str:
        """A new one. Looks like what people choose: letters, digits, nothing that any text would contain."""
        value = self.planted[name] = f"cnry{secrets.token_hex(10)}"
        return value

    def found_in(self, data: bytes) -> set[str]:
        """Which of them stand there: plain, in base64 at any offset, encoded for a URL, as hex or backwards."""
        return {
            name
            for name, value in self.planted.items()
            if any(form in data for form in forms(value))
        }


def forms(value: str) -> set[bytes]:
    raw = value.encode()
    found = {raw, raw.hex().encode(), quote(value, safe="").encode(), raw[::-1], raw.upper()}
    found.add("".join(f"%{byte:02X}" for byte in raw).encode())
    for offset in range(3):
        inner = base64.b64encode(b"\0" * offset + raw)[4 if offset else 0 : -4]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries()


class Heard:
    """Everything that came out of a server."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.heard: list[tuple[str, bytes]] = []

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        answer = self.client.request(method, path, **more)  # type: ignore[arg-type]
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.heard.append(
            (f"{method} {path} {answer.status_code}", headers.encode() + answer.content)
        )
        return answer


@pytest.fixture(scope="module")
def driven(
    canaries: Canaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Heard, Path]]:
    """A server with a secret in everything that it is given, after all that is done to it."""
    home = tmp_path_factory.mktemp("home")
    key = (canaries.plant("secret key").encode() * 2)[:32]
    canaries.planted["secret key"] = base64.b64encode(key).decode()
    given = {
        "ALMA_SECRET_KEY": canaries.planted["secret key"],
        "ALMA_API_KEY": canaries.plant("configured key"),
        "ALMA_DEBUG": "true",
        "ALMA_PROXMOX_URL": "https://127.0.0.1:9",
        "ALMA_PROXMOX_TOKEN": f"root@pam!alma={canaries.plant('proxmox token')}",
        "ALMA_PROXMOX_STORAGE": "local",
        "ALMA_LLM_PROVIDER": "openai-compatible",
        "ALMA_LLM_MODEL": "m",
        "ALMA_LLM_BASE_URL": "http://127.0.0.1:9/v1",
        "ALMA_LLM_API_KEY": canaries.plant("model key"),
        "ALMA_OIDC_CLIENT_ID": "alma",
        "ALMA_OIDC_CLIENT_SECRET": canaries.plant("OIDC client secret"),
        "ALMA_OIDC_ISSUER": "https://127.0.0.1:9/realm",
        "ALMA_LOG_FORMAT": "json",
    }
    with serving(home, **given) as client:
        heard = Heard(client)
        client.headers["Authorization"] = f"Bearer {canaries.planted['configured key']}"
        sign_in(heard, canaries)
        connect(heard, canaries)
        build(heard, canaries)
        talk(heard, canaries)
        repeat(heard, canaries)
        mistakes(heard, canaries)
        look_everywhere(heard)
        command(heard, home, given)
        yield heard, home


def sign_in(heard: Heard, canaries: Canaries) -> None:
    """Accounts, passwords, tokens and keys. Answers that are there to give one away are not searched for that one."""
    password = f"{canaries.plant('password')}-Aa1"
    heard.ask("POST", f"{API}/accounts", json={"name": "ann", "password": password})
    wrong = {"username": "ann", "password": canaries.plant("wrong password")}
    heard.ask("POST", f"{API}/auth/login", json=wrong)
    answer = heard.client.post(f"{API}/auth/login", json={"username": "ann", "password": password})
    assert answer.status_code == 200, answer.text
    canaries.planted["access token"] = answer.json()["access_token"]
    canaries.planted["refresh token"] = answer.json()["refresh_token"].rpartition("_")[2]
    renewed = heard.client.post(
        f"{API}/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]}
    )
    assert renewed.status_code == 200, renewed.text
    canaries.planted["renewed token"] = renewed.json()["refresh_token"].rpartition("_")[2]
    canaries.planted["renewed access"] = renewed.json()["access_token"]
    made = heard.client.post(f"{API}/keys", json={"name": "ci"})
    assert made.status_code == 201, made.text
    canaries.planted["made key"] = made.json()["secret"].rpartition("_")[2]
    heard.ask("GET", f"{API}/iprs", headers={"X-API-Key": made.json()["secret"]})
    heard.ask("GET", f"{API}/iprs", headers={"X-API-Key": canaries.plant("wrong key")})
    heard.ask(
        "GET", f"{API}/auth/me", headers={"Authorization": f"Bearer {canaries.plant('bad token')}"}
    )
    heard.ask("GET", f"{API}/iprs", headers={"Cookie": f"session={canaries.plant('cookie')}"})


def connect(heard: Heard, canaries: Canaries) -> None:
    """Engines that are down, with credentials wherever one can be put."""
    token = f"a@pve!b={canaries.plant('connection token')}"
    body = {"urls": "127.0.0.1:9", "token": token, "storage": "local"}
    saved = heard.ask("PUT", f"{API}/engines/proxmox@lab/connection", json=body)
    assert saved.status_code == 200, saved.text
    in_url = {**body, "urls": f"https://root:{canaries.plant('password in a URL')}@127.0.0.1:9"}
    heard.ask("PUT", f"{API}/engines/proxmox@two/connection", json=in_url)
    heard.ask("PUT", f"{API}/engines/proxmox@lab/connection", json={**body, "token": [token]})
    misspelt = {**body, "tokn": canaries.plant("unknown setting")}
    heard.ask("PUT", f"{API}/engines/proxmox@lab/connection", json=misspelt)
    for name in ("proxmox", "proxmox@lab", "proxmox@two"):
        heard.ask("GET", f"{API}/engines/{name}/check")
        heard.ask("GET", f"{API}/engines/{name}/connection")
        heard.ask("GET", f"{API}/engines/{name}/discover")


def build(heard: Heard, canaries: Canaries) -> None:
    """From a blueprint to what runs, with its own secrets, and the same where the engine is down."""
    made = heard.ask("POST", f"{API}/blueprints", json=WORKING).json()
    deploy = heard.ask("POST", f"{API}/blueprints/{made['id']}/deploy", json={})
    ipr = heard.ask("POST", f"{API}/iprs", json={"title": "t", "blueprint_id": made["id"]}).json()
    if "id" in ipr:
        heard.ask("POST", f"{API}/iprs/{ipr['id']}/review", json={"action": "approve"})
        run = heard.ask("POST", f"{API}/iprs/{ipr['id']}/deploy", json={}).json()
        events = {"stream": True}
        heard.ask("GET", f"{API}/deployments/{run['deployment_id']}/events", params=events)
        heard.ask("GET", f"{API}/deployments/{run['deployment_id']}")
    assert deploy.status_code < 500, deploy.text
    down = heard.ask("POST", f"{API}/blueprints", json=SHOP).json()
    value = canaries.plant(WRITTEN)
    started = [write_down(heard, {name: value}) for name in ("API_KEY", "GREETING")]
    assert any("deployment_id" in answer for answer in started), started
    heard.ask(
        "POST",
        f"{API}/iprs",
        json={"title": "t", "blueprint_id": down["id"], "engine": "proxmox@lab"},
    )


def write_down(heard: Heard, env: dict[str, str]) -> dict[str, str]:
    """A blueprint with values in plain, planned and deployed as far as the policies let it; what starting it said."""
    resource = {"type": "service", "name": "web", "image": "nginx:1.27", "env": env}
    told = heard.ask("POST", f"{API}/blueprints", json={"name": "plain", "resources": [resource]})
    assert told.status_code == 201, told.text
    opened = {"title": "t", "blueprint_id": told.json()["id"]}
    asked = heard.ask("POST", f"{API}/iprs", json=opened).json()
    heard.ask("POST", f"{API}/iprs/{asked['id']}/review", json={"action": "approve"})
    started: dict[str, str] = heard.ask("POST", f"{API}/iprs/{asked['id']}/deploy", json={}).json()
    if "deployment_id" in started:
        events = f"{API}/deployments/{started['deployment_id']}/events"
        heard.ask("GET", events, params={"stream": True})
    return started


def talk(heard: Heard, canaries: Canaries) -> None:
    """Keys pasted into what is said, in the shapes that such keys have, and where titles are given."""
    pasted = f"sk-proj-{canaries.plant('key in a chat')}"
    in_url = f"https://bob:{canaries.plant('password of a webhook')}@hooks.example.org/x"
    registry = f"registry password={canaries.plant('password of a registry')}"
    said = heard.ask(
        "POST",
        f"{API}/conversation/chat",
        json={
            "message": f"a postgres database. OPENAI_API_KEY={pasted} and {in_url} and {registry}"
        },
    )
    assert said.status_code == 200, said.text
    assert "taken out" in said.json()["response"]
    id_ = said.json()["conversation_id"]
    heard.ask("PATCH", f"{API}/conversation/{id_}", json={"title": f"about {in_url}"})
    heard.ask("GET", f"{API}/conversation/{id_}")
    with heard.client.stream(
        "POST", f"{API}/conversation/chat-stream", json={"message": f"a redis cache, {registry}"}
    ) as answer:
        heard.heard.append((f"POST chat-stream {answer.status_code}", answer.read()))


def repeat(heard: Heard, canaries: Canaries) -> None:
    """Requests that may be sent again: what was answered is kept, and what was asked is compared."""
    key = {"Idempotency-Key": "made-once"}
    body = {"name": "cid", "password": f"{canaries.plant('password sent twice')}-Aa1"}
    for _ in range(2):
        heard.ask("POST", f"{API}/accounts", json=body, headers=key)
    made = heard.client.post(f"{API}/keys", json={"name": "again"}, headers=key)
    assert made.status_code == 201, made.text
    canaries.planted["key made with a repeat"] = made.json()["secret"].rpartition("_")[2]


def command(heard: Heard, home: Path, given: dict[str, str]) -> None:
    """What the command line prints and writes, beside the server that runs."""
    for arguments in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "alma", *arguments],
            env=environment(home, **given),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        heard.heard.append((f"alma {' '.join(arguments)} 200", done.stdout + done.stderr))


def mistakes(heard: Heard, canaries: Canaries) -> None:
    """Secrets where none belongs: in the wrong field, in an address, in a header."""
    blueprint = {"name": "x", "pasword": canaries.plant("unknown field"), "resources": []}
    heard.ask("POST", f"{API}/blueprints", json=blueprint)
    heard.ask("POST", f"{API}/auth/login", json={"username": {"p": canaries.plant("odd name")}})
    heard.ask("POST", f"{API}/accounts", json={"name": "bob", "password": [canaries.plant("odd")]})
    broken = f'{{"password": "{canaries.plant("broken JSON")}"'
    heard.ask("POST", f"{API}/accounts", content=broken)
    query = {"access_token": canaries.plant("token in an address")}
    heard.ask("GET", f"{API}/iprs", params=query)
    heard.ask("GET", f"{API}/iprs", headers={"X-Secret": canaries.plant("unknown header")})
    heard.ask("POST", f"{API}/auth/refresh", json={"refresh_token": canaries.plant("refresh")})


def look_everywhere(heard: Heard) -> None:
    """Whatever shows something."""
    for path in (
        "/",
        "/metrics",
        "/openapi.json",
        f"{API}/monitoring/health/detailed",
        f"{API}/monitoring/metrics/summary",
        f"{API}/audit?everywhere=true&limit=500",
        f"{API}/audit/export",
        f"{API}/secrets",
        f"{API}/engines",
        f"{API}/blueprints",
        f"{API}/iprs",
        f"{API}/deployments",
        f"{API}/stacks",
        f"{API}/keys",
        f"{API}/accounts",
        f"{API}/conversations",
    ):
        heard.ask("GET", path)
    heard.ask("POST", f"{API}/audit/verify", json={})
    heard.ask("POST", f"{API}/secrets/rotate", json={"data_key": True})
    heard.ask("POST", f"{API}/secrets/reencrypt", json={})
    for query in QUERIES:
        answer = heard.ask("POST", "/graphql", json={"query": query})
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
    typo = f'{{ blueprint(id: "{QUERIES[0]}") {{ id }} }}'
    heard.ask("POST", "/graphql", json={"query": typo})


def test_the_search_finds_what_is_there(canaries: Canaries) -> None:
    searched = Canaries()
    value = searched.plant("x")
    for text in (
        f"token={value}",
        base64.b64encode(f"a@pve!b={value}".encode()).decode(),
        base64.b64encode(f"user:{value}".encode()).decode(),
        value.encode().hex(),
    ):
        assert searched.found_in(text.encode()) == {"x"}, text
    assert searched.found_in(b"nothing") == set()


def test_no_answer_tells_a_secret(driven: tuple[Heard, Path], canaries: Canaries) -> None:
    heard, _ = driven

    told = {
        what: found
        for what, data in heard.heard
        if (found := canaries.found_in(data) - ({WRITTEN} if DOCUMENTS.match(what) else set()))
    }

    assert told == {}
    assert len(canaries.planted) >= 26
    statuses = {int(what.rpartition(" ")[2]) for what, _ in heard.heard}
    assert {200, 201, 202, 401, 422} <= statuses


def test_neither_the_database_nor_the_log_holds_a_secret(
    driven: tuple[Heard, Path], canaries: Canaries
) -> None:
    _, home = driven

    files = [path for path in home.rglob("*") if path.is_file()]
    # The token of whoever holds the data directory is a file of its own, for its owner alone.
    held = {
        str(path.relative_to(home)): found
        for path in files
        if (found := canaries.found_in(path.read_bytes()) - kept_in(path))
    }

    assert held == {}
    assert any(re.fullmatch(r"alma\.db(-wal)?", path.name) for path in files)
    assert any(path.name.endswith(".log") for path in files)


def kept_in(path: Path) -> set[str]:
    """What may stand in a file: what the document of a blueprint says, in the database and where it was deployed."""
    return {WRITTEN} if path.name.startswith(("alma.db", "simulation.db")) else set()


def test_the_secrets_that_were_made_are_only_in_the_database_and_encrypted(
    driven: tuple[Heard, Path], canaries: Canaries
) -> None:
    heard, home = driven
    database = open_database(
        f"sqlite:///{home / 'alma.db'}", home=home, secret_key=canaries.planted["secret key"]
    )
    made = Canaries()
    with database.read() as transaction:
        rows = transaction.connection.exec_driver_sql("SELECT stack_id, name FROM secret").all()
        for stack_id, name in rows:
            made.planted[f"{stack_id} {name}"] = transaction.secrets.get(stack_id, name) or "?"
    database.close()

    assert made.planted, "the deployment made no secret: it shows nothing"
    assert all(len(value) >= 8 for value in made.planted.values())
    assert {what for what, data in heard.heard if made.found_in(data)} == set()
    written = [
        path for path in home.rglob("*") if path.is_file() and path.suffix in {".log", ".db"}
    ]
    assert {path.name for path in written if made.found_in(path.read_bytes())} == set()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_database_that_is_away_does_not_tell_its_password(
    tmp_path: Path, canaries: Canaries, scheme: str
) -> None:
    password = canaries.plant("database password")
    database = open_database(f"{scheme}://alma:{password}@127.0.0.1:9/alma", home=tmp_path)

    with pytest.raises(AlmaError) as caught:
        database.ping()
    database.close()

    error = caught.value
    told = json.dumps([error.message, error.hint, error.details, repr(database.engine)])
    assert password not in told
