"""Engines are addressed as `engine@connection`; the nearest word about one holds, and a run keeps what it got."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.access import ProjectRules
from alma.core.model.connection import ConnectionKey, ConnectionSource
from alma.core.model.errors import DatabaseUnavailable, Forbidden, InvalidInput
from alma.core.ports import Engine
from alma.engines import (
    LOOK_SECONDS,
    RETIRED_SECONDS,
    ConnectionFile,
    EngineRegistry,
    Entry,
)
from tests.unit.engines.connecting import CANARY, TARGET, LabEngine

TABLE = {"lab": Entry(TARGET, connects=True), "plain": Entry(TARGET)}
FILE = {"lab": {"nas": {"url": "https://file"}}}


class Saved:
    """What projects have saved, without a database."""

    def __init__(self) -> None:
        self.rows: dict[ConnectionKey, tuple[str, dict[str, Any]]] = {}
        self.closing: dict[str, ProjectRules] = {}
        self.away = False
        self.asked = 0

    def put(self, place: str, version: str, project: str = "default", **settings: Any) -> None:
        engine, _, name = place.partition("@")
        self.rows[ConnectionKey(project, engine, name)] = (version, settings)

    def versions(self) -> Mapping[ConnectionKey, str]:
        self.asked += 1
        if self.away:
            raise DatabaseUnavailable("the database is away")
        return {key: version for key, (version, _) in self.rows.items()}

    def rules(self) -> Mapping[str, ProjectRules]:
        return self.closing

    def settings(self, key: ConnectionKey) -> Mapping[str, Any]:
        return self.rows[key][1]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def saved() -> Saved:
    return Saved()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _nobody_left() -> Iterator[None]:
    yield
    LabEngine.opened.clear()


def registry(
    tmp_path: Path,
    saved: Saved | None = None,
    clock: Clock | None = None,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    file: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    environment: Mapping[str, str] | None = None,
    shared: Sequence[str] | None = None,
) -> EngineRegistry:
    return EngineRegistry(
        settings,
        shared=shared,
        table=TABLE,
        common={name: {"state": tmp_path / "lab.db"} for name in TABLE},
        file=ConnectionFile(tmp_path, file or {}),
        saved=saved,
        variable=(environment or {}).get,
        clock=clock or Clock(),
    )


def opened(engines: EngineRegistry, name: str, **more: Any) -> LabEngine:
    engine = engines.get(name, **more)
    assert isinstance(engine, LabEngine)
    return engine


# ── names ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["lab@nas", "LAB@Nas", " lab @ nas "])
def test_there_is_one_way_to_write_a_place(tmp_path: Path, name: str) -> None:
    engines = registry(tmp_path, file=FILE)
    assert engines.canonical(name) == "lab@nas"
    assert engines.get(name) is engines.get("lab@nas")


def test_the_default_connection_has_the_engines_own_name(tmp_path: Path) -> None:
    engines = registry(tmp_path, settings={"lab": {"url": "https://env"}})
    assert engines.canonical("lab@default") == "lab"
    assert engines.get("lab@default") is engines.get("lab")


@pytest.mark.parametrize("name", ["lab@", "lab@a b", "lab@../x", "lab@-a", f"lab@{'a' * 41}"])
def test_what_can_t_be_a_connections_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="does not name a connection"):
        registry(tmp_path, file=FILE).get(name)


def test_an_unknown_connection_is_answered_with_the_known_ones(
    tmp_path: Path, saved: Saved
) -> None:
    saved.put("lab@site", "1", url="https://db")
    saved.put("lab@secret", "1", project="other", url="https://db")
    engines = registry(tmp_path, saved, file=FILE, settings={"lab": {"url": "https://env"}})
    with pytest.raises(InvalidInput) as raised:
        engines.get("lab@nes")
    assert raised.value.message == "Engine 'lab' has no connection 'nes'"
    assert raised.value.hint == "known here: lab, lab@nas, lab@site"


def test_an_engine_that_nobody_configured_is_opened_and_is_no_place_to_land(
    tmp_path: Path,
) -> None:
    engines = registry(tmp_path)
    assert opened(engines, "lab").settings.url is None
    assert engines.places() == ["plain"]


def test_places_are_what_is_configured_for_the_project(tmp_path: Path, saved: Saved) -> None:
    saved.put("lab", "1", url="https://db")
    saved.put("plain@b", "1", project="other", url="https://db")
    engines = registry(tmp_path, saved, file=FILE)
    assert engines.places() == ["lab", "lab@nas", "plain"]
    assert engines.places(project="other") == ["lab@nas", "plain", "plain@b"]
    assert engines.names() == ["lab", "plain"]


# ── who is heard ─────────────────────────────────────────────────────────────────────────────────


def test_the_project_beats_the_file_and_the_file_the_environment(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    file = {"lab": {"default": {"url": "https://file"}}}
    environment = {"lab": {"url": "https://env", "retries": "5"}}
    engines = registry(tmp_path, saved, clock, settings=environment, file=file)
    assert opened(engines, "lab").settings.url == "https://file"
    assert opened(engines, "lab").settings.retries == 3, "words of two sources are never mixed"

    saved.put("lab", "1", url="https://db")
    engines.changed()
    assert opened(engines, "lab").settings.url == "https://db"
    assert opened(engines, "lab", project="other").settings.url == "https://file"
    without_file = registry(tmp_path, settings=environment)
    assert opened(without_file, "lab").settings.retries == 5


def test_projects_that_share_a_connection_share_the_engine(tmp_path: Path) -> None:
    engines = registry(tmp_path, file=FILE)
    assert engines.get("lab@nas", project="one") is engines.get("lab@nas", project="two")


def test_projects_with_connections_of_their_own_share_nothing(tmp_path: Path, saved: Saved) -> None:
    saved.put("lab", "1", project="one", url="https://one")
    saved.put("lab", "1", project="two", url="https://two")
    engines = registry(tmp_path, saved)
    assert opened(engines, "lab", project="one").settings.url == "https://one"
    assert opened(engines, "lab", project="two").settings.url == "https://two"
    assert opened(engines, "lab", project="three").settings.url is None


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


def test_a_secret_is_fetched_from_the_file_or_variable_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}\n")
    (tmp_path / "token").chmod(0o600)
    file = {
        "lab": {
            "a": {"url": "u", "token_file": "token", "ca_file": "ca.pem"},
            "b": {"url": "u", "token_env": "LAB_TOKEN"},
        }
    }
    engines = registry(tmp_path, file=file, environment={"LAB_TOKEN": CANARY})
    for name in ("lab@a", "lab@b"):
        token = opened(engines, name).settings.token
        assert token is not None
        assert token.get_secret_value() == CANARY
    assert opened(engines, "lab@a").settings.ca_file == Path("ca.pem"), "that is a setting"


def test_a_secret_in_a_file_that_others_can_read_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "token").write_text(CANARY)
    (tmp_path / "token").chmod(0o644)
    engines = registry(tmp_path, file={"lab": {"a": {"url": "u", "token_file": "token"}}})
    with caplog.at_level(logging.WARNING):
        engines.get("lab@a")
    assert "can be read by others: chmod 600" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token_file": "gone"}, "gone can't be read: No such file"),
        ({"token_env": "NO_SUCH"}, "the environment has no NO_SUCH"),
    ],
)
def test_a_secret_that_is_not_there_is_named(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    engines = registry(tmp_path, file={"lab": {"a": {"url": "u", **settings}}})
    with pytest.raises(InvalidInput, match=said):
        engines.get("lab@a")


def test_a_connection_is_shown_without_its_secrets(tmp_path: Path) -> None:
    engines = registry(tmp_path, settings={"lab": {"url": "https://env", "token": CANARY}})
    shown = engines.connection("lab")
    assert shown.source is ConnectionSource.ENVIRONMENT
    assert shown.settings["url"] == "https://env"
    assert shown.secrets == ("token",)
    assert "state" not in shown.settings  # the installation's own is nobody's to see
    assert CANARY not in shown.model_dump_json()


# ── what may be saved ────────────────────────────────────────────────────────────────────────────


def test_what_is_saved_is_checked_by_the_engine_and_parted_from_its_secrets(
    tmp_path: Path,
) -> None:
    checked = registry(tmp_path).checked("Lab@New", {"url": "https://x", "token": CANARY})
    assert (checked.engine, checked.name) == ("lab", "new")
    assert checked.settings == {"url": "https://x"}
    assert checked.secrets == {"token": CANARY}
    assert CANARY not in repr(checked)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "u", "tokne": CANARY}, "tokne: Extra inputs"),
        ({"token": CANARY, "retries": "many"}, "retries: Input should be a valid integer"),
        ({"url": "u", "token": {"inner": CANARY}}, "token: "),
        ({"url": "u", "state": f"/etc/{CANARY}"}, "can't say state"),
        ({"url": "u", "token_file": CANARY}, "token_file: Extra inputs"),
    ],
)
def test_what_is_wrong_is_named_without_a_value(
    tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        registry(tmp_path).checked("lab", given)
    assert said in raised.value.message
    assert CANARY not in f"{raised.value.message} {raised.value.hint} {raised.value.details}"


# ── changes ──────────────────────────────────────────────────────────────────────────────────────


def test_a_change_of_another_process_is_seen_after_some_seconds(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://old")
    engines = registry(tmp_path, saved, clock)
    old = opened(engines, "lab")
    saved.put("lab", "2", url="https://new")
    assert engines.get("lab") is old
    clock.now += LOOK_SECONDS + 0.1
    assert opened(engines, "lab").settings.url == "https://new"


def test_the_database_is_not_asked_at_every_call(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    engines = registry(tmp_path, saved, clock, file=FILE)
    for _ in range(50):
        engines.get("lab@nas")
    assert saved.asked == 1


def test_whoever_waits_for_the_database_keeps_nobody_else_waiting(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://db")
    engines = registry(tmp_path, saved, clock)
    known = engines.get("lab")
    asking, answer, found = threading.Event(), threading.Event(), list[Engine]()

    def slow() -> Mapping[ConnectionKey, str]:
        asking.set()
        assert answer.wait(30)
        return Saved.versions(saved)

    saved.versions = slow  # type: ignore[method-assign]  # a database that takes its time
    clock.now += LOOK_SECONDS
    first = threading.Thread(target=engines.get, args=["lab"], daemon=True)
    first.start()
    assert asking.wait(30)
    second = threading.Thread(target=lambda: found.append(engines.get("lab")), daemon=True)
    second.start()
    second.join(10)
    assert found == [known]
    answer.set()
    first.join(30)


def test_while_the_database_is_away_what_was_known_holds(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://db")
    engines = registry(tmp_path, saved, clock)
    before = engines.get("lab")
    saved.away = True
    clock.now += 10 * LOOK_SECONDS
    assert engines.get("lab") is before
    with pytest.raises(DatabaseUnavailable):
        registry(tmp_path, saved, clock).get("lab")


def test_a_run_keeps_the_engine_it_began_with(tmp_path: Path, saved: Saved, clock: Clock) -> None:
    saved.put("lab", "1", url="https://old")
    engines = registry(tmp_path, saved, clock)
    held = opened(engines, "lab", holder="run-1")
    saved.put("lab", "2", url="https://new")
    engines.changed()
    assert engines.get("lab", holder="run-1") is held
    assert opened(engines, "lab", holder="run-2").settings.url == "https://new"
    engines.release("run-1")
    assert engines.get("lab", holder="run-1") is not held
    engines.release("nobody")


async def test_a_replaced_engine_is_closed_when_nobody_uses_it_any_more(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://old")
    engines = registry(tmp_path, saved, clock)
    old = opened(engines, "lab", holder="run-1")
    saved.put("lab", "2", url="https://new")
    engines.changed()
    new = opened(engines, "lab")
    await engines.tend()
    assert not old.closed, "a request may still be using it"
    clock.now += RETIRED_SECONDS + 1
    await engines.tend()
    assert not old.closed, "a run still has it"
    engines.release("run-1")
    await engines.tend()
    assert old.closed
    assert not new.closed


async def test_the_engine_of_a_removed_connection_is_closed_in_time(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://old")
    engines = registry(tmp_path, saved, clock)
    old = opened(engines, "lab")
    saved.rows.clear()
    engines.changed()
    await engines.tend()
    clock.now += RETIRED_SECONDS + 1
    await engines.tend()
    assert old.closed
    assert opened(engines, "lab").settings.url is None


async def test_closing_closes_what_was_replaced_too(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://old")
    engines = registry(tmp_path, saved, clock)
    engines.get("lab")
    saved.put("lab", "2", url="https://new")
    engines.changed()
    engines.get("lab", holder="run-1")
    await engines.close()
    assert [engine.closed for engine in LabEngine.opened] == [True, True]


def test_settings_that_can_t_be_used_leave_the_open_engine_alone(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    saved.put("lab", "1", url="https://old")
    engines = registry(tmp_path, saved, clock)
    engines.get("lab")
    saved.put("lab", "2", urll="https://new")
    engines.changed()
    with pytest.raises(InvalidInput, match="urll") as raised:
        engines.get("lab")
    assert raised.value.hint == "configure the connection again"


# ── what is closed to a project ──────────────────────────────────────────────────────────────────


def test_a_project_reaches_only_the_engines_that_it_may_use(tmp_path: Path, saved: Saved) -> None:
    saved.closing["shop"] = ProjectRules(engines=("plain",))
    engines = registry(tmp_path, saved, settings={"lab": {"url": "https://env"}}, file=FILE)

    assert engines.places(project="shop") == ["plain"]
    assert engines.places() == ["lab", "lab@nas", "plain"]
    for use in (engines.get, engines.canonical, engines.connection):
        with pytest.raises(Forbidden, match="project shop may not use lab@nas"):
            use("lab@nas", project="shop")
    assert opened(engines, "lab@nas", project="default").settings.url == "https://file"


def test_nor_by_a_connection_of_its_own(tmp_path: Path, saved: Saved) -> None:
    saved.closing["shop"] = ProjectRules(engines=("lab@*",))
    saved.put("lab@mine", "1", project="shop", url="https://mine")
    saved.put("plain@mine", "1", project="shop", url="https://mine")
    engines = registry(tmp_path, saved)

    assert engines.places(project="shop") == ["lab@mine"]
    with pytest.raises(Forbidden, match="may not use plain@mine"):
        engines.get("plain@mine", project="shop")


def test_what_the_installation_knows_may_be_kept_from_other_projects(
    tmp_path: Path, saved: Saved
) -> None:
    saved.put("lab", "1", project="shop", url="https://own")
    environment = {"lab": {"url": "https://env"}}
    engines = registry(tmp_path, saved, settings=environment, file=FILE, shared=["plain"])

    assert engines.places() == ["lab", "lab@nas", "plain"]
    assert engines.places(project="shop") == ["lab", "plain"]
    assert opened(engines, "lab", project="shop").settings.url == "https://own"
    assert engines.places(project="other") == ["plain"]
    with pytest.raises(Forbidden):
        engines.get("lab", project="other")


def test_a_rule_that_changes_holds_from_the_next_look_on(
    tmp_path: Path, saved: Saved, clock: Clock
) -> None:
    engines = registry(tmp_path, saved, clock)
    opened(engines, "plain", project="shop")
    saved.closing["shop"] = ProjectRules(engines=())

    clock.now += LOOK_SECONDS
    with pytest.raises(Forbidden):
        engines.get("plain", project="shop")
