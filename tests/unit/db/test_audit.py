"""The audit log holds against everything that somebody with the database's password, and without the key, can do."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from alma.core.model.access import DEFAULT_PROJECT
from alma.core.model.audit import AuditEntry, AuditFilter, Outcome, hash_of
from alma.core.model.audit_check import AuditReport, FaultKind, KnownHead, check
from alma.core.model.errors import AlmaError, Conflict, DatabaseUnavailable, NotFound
from alma.core.model.principal import LOCAL, Principal, Source
from alma.db.database import Database
from tests.unit.db.conftest import START, FakeClock
from tests.unit.db.samples import add_blueprint

SOMEBODY = Principal(
    id="user:ann",
    project="shop",
    source=Source(address="192.0.2.7", request_id="r-1", client="curl/8"),
)


def note(database: Database, count: int = 1, *, who: Principal = SOMEBODY, **more: Any) -> None:
    for number in range(count):
        with database.write() as transaction:
            given = {"action": "ipr.approve", "target": f"ipr/{number + 1}", **more}
            transaction.audit.add(who, before={"state": "pending"}, after={"n": number}, **given)


def entries(database: Database, **wanted: Any) -> list[AuditEntry]:
    with database.read() as transaction:
        return list(transaction.audit.list(AuditFilter(**wanted)))


def checked(database: Database, *known: KnownHead) -> AuditReport:
    with database.read() as transaction:
        audit = transaction.audit
        return check(audit.chain(), audit.head(), keys=audit.key, known=known)


def kinds(report: AuditReport) -> set[tuple[FaultKind, int]]:
    return {(fault.kind, fault.seq) for fault in report.faults}


def head(database: Database) -> KnownHead:
    with database.read() as transaction:
        now = transaction.audit.head()
    return KnownHead(seq=now.seq, hash=now.hash)


def behind_its_back(database: Database, *statements: str, **values: Any) -> None:
    """What somebody does who owns the database: first of all, the guards go."""
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            for name in ("entry_stays", "entry_is_kept", "head_goes_on", "head_is_kept"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_{name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            names = {name: values[name] for name in values if f":{name}" in statement}
            connection.execute(text(statement), names)


def test_an_entry_says_who_did_what_to_what_from_where(database: Database) -> None:
    note(database)

    (entry,) = entries(database)

    assert entry.model_dump(exclude={"key", "hash"}) == {
        "seq": 1,
        "at": START,
        "principal": "user:ann",
        "kind": "user",
        "project": "shop",
        "action": "ipr.approve",
        "target": "ipr/1",
        "outcome": Outcome.ALLOWED,
        "address": "192.0.2.7",
        "request_id": "r-1",
        "client": "curl/8",
        "before": {"state": "pending"},
        "after": {"n": 0},
        "previous": "",
    }
    assert checked(database).intact


def test_what_is_rolled_back_was_not_done(database: Database) -> None:
    def refused() -> None:
        with database.write() as transaction:
            transaction.audit.add(SOMEBODY, action="ipr.approve")
            raise Conflict("no")

    with pytest.raises(Conflict):
        refused()

    assert entries(database) == []


def test_entries_of_one_transaction_keep_their_order(database: Database) -> None:
    with database.write() as transaction:
        transaction.audit.add(SOMEBODY, action="first.one")
        transaction.audit.add(SOMEBODY, action="second.one")

    assert [entry.action for entry in entries(database)] == ["second.one", "first.one"]
    assert checked(database).intact


def test_what_can_not_be_audited_is_not_done(database: Database) -> None:
    note(database)
    behind_its_back(database, "DELETE FROM audit_head")

    def unaudited() -> None:
        with database.write() as transaction:
            add_blueprint(transaction, project=DEFAULT_PROJECT)
            transaction.audit.add(SOMEBODY, action="blueprint.create")

    with pytest.raises(DatabaseUnavailable, match="audit log can't be continued"):
        unaudited()

    with database.read() as transaction:
        assert transaction.blueprints.count(project=DEFAULT_PROJECT, name=None) == 0


def test_the_chain_goes_on_in_another_process(
    database: Database, open_again: Callable[[], Database]
) -> None:
    note(database, 2)
    note(open_again(), 2)

    assert checked(database).model_dump(include={"intact", "entries"}) == {
        "intact": True,
        "entries": 4,
    }


def test_the_chain_survives_new_keys(database: Database) -> None:
    note(database, 2)
    with database.write() as transaction:
        transaction.sealing.rotate(master=True, data_key=True)
        transaction.audit.add(SOMEBODY, action="secrets.rotate")
    note(database, 2)

    assert checked(database).intact
    assert len({entry.key for entry in entries(database)}) == 2


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"project": "shop"}, [4, 3, 1]),
        ({"principal": "local"}, [2]),
        ({"action": "ipr.approve"}, [4, 1]),
        ({"action": "ipr."}, [4, 2, 1]),
        ({"target": "ipr/2"}, [2]),
        ({"outcome": Outcome.DENIED}, [3]),
        ({"since": START + timedelta(seconds=2)}, [4, 3]),
        ({"until": START + timedelta(seconds=1)}, [1]),
    ],
)
def test_entries_are_found_by_what_they_say(
    database: Database, clock: FakeClock, wanted: dict[str, Any], found: list[int]
) -> None:
    said: list[tuple[Principal, dict[str, Any]]] = [
        (SOMEBODY, {}),
        (LOCAL, {"target": "ipr/2", "action": "ipr.open"}),
        (SOMEBODY, {"action": "iprx.denied", "outcome": Outcome.DENIED}),
        (SOMEBODY, {}),
    ]
    for who, more in said:
        note(database, who=who, **more)
        clock.advance(1)

    assert [entry.seq for entry in entries(database, **wanted)] == found


def test_a_list_goes_on_before_an_entry(database: Database) -> None:
    note(database, 5)

    with database.read() as transaction:
        page = transaction.audit.list(AuditFilter(), before=4, limit=2)

    assert [entry.seq for entry in page] == [3, 2]


def test_an_entry_of_another_project_is_not_there(database: Database) -> None:
    note(database)

    with database.read() as transaction:
        assert transaction.audit.get(1, project="shop").seq == 1
        assert transaction.audit.get(1, project=None).seq == 1
        with pytest.raises(NotFound):
            transaction.audit.get(1, project="bank")


def test_what_callers_choose_is_made_plain_and_short(database: Database) -> None:
    source = Source(address="x" * 1000, client="evil\x00\n\x1b[31m\ud800")
    note(database, who=SOMEBODY.model_copy(update={"source": source}), target="a\rb" * 1000)

    (entry,) = entries(database)

    assert entry.client == "evil\N{REPLACEMENT CHARACTER}" + "\N{REPLACEMENT CHARACTER}" * 2 + (
        "[31m\N{REPLACEMENT CHARACTER}"
    )
    assert len(entry.address or "") == len(entry.target or "") == 300
    assert checked(database).intact


def test_facts_that_are_too_many_are_left_out(database: Database) -> None:
    with database.write() as transaction:
        transaction.audit.add(SOMEBODY, action="a.b", after={str(n): "x" * 200 for n in range(50)})

    assert list(entries(database)[0].after or {}) == ["left_out"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET principal = 'somebody else' WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 2",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 1",
        "UPDATE audit_head SET kept_from = 0",
        "UPDATE audit_head SET kept_from = 100",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_done(
    database: Database, statement: str
) -> None:
    note(database, 3)

    with pytest.raises(AlmaError), database.write() as transaction:
        transaction.scope.connection.execute(text(statement))

    assert checked(database).intact


COLUMNS = {
    "at": "2020-01-01T00:00:00.000000+00:00",
    "principal": "user:eve",
    "kind": "local",
    "project": "bank",
    "action": "ipr.reject",
    "target": "ipr/99",
    "outcome": "denied",
    "address": "203.0.113.1",
    "request_id": "r-2",
    "client": "other",
    "before": json.dumps({"state": "approved"}),
    "after": None,
    "previous": "0" * 64,
    "hash": "0" * 64,
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_changed_column_shows(database: Database, column: str, seq: int) -> None:
    note(database, 5)

    behind_its_back(
        database,
        f'UPDATE audit_entry SET "{column}" = :value WHERE seq = :seq',
        value=COLUMNS[column],
        seq=seq,
    )

    assert (FaultKind.CHANGED, seq) in kinds(checked(database))


@pytest.mark.parametrize(
    ("column", "value"), [("at", "yesterday"), ("before", "{"), ("outcome", "fine")]
)
def test_a_row_that_is_no_entry_any_more_shows(database: Database, column: str, value: str) -> None:
    note(database, 3)
    behind_its_back(
        database, f'UPDATE audit_entry SET "{column}" = :value WHERE seq = 2', value=value
    )

    assert kinds(checked(database)) == {(FaultKind.CHANGED, 2)}


def test_a_changed_number_or_key_shows(database: Database) -> None:
    note(database, 3)

    behind_its_back(database, "UPDATE audit_entry SET key = 'other' WHERE seq = 1")
    behind_its_back(database, "UPDATE audit_entry SET seq = 4 WHERE seq = 3")

    assert {(FaultKind.UNREADABLE, 1), (FaultKind.INSERTED, 4), (FaultKind.TRUNCATED, 3)} <= kinds(
        checked(database)
    )


@pytest.mark.parametrize(
    ("gone", "kind"),
    [(1, FaultKind.REMOVED), (3, FaultKind.REMOVED), (5, FaultKind.TRUNCATED)],
)
def test_a_removed_entry_shows(database: Database, gone: int, kind: FaultKind) -> None:
    note(database, 5)

    behind_its_back(database, "DELETE FROM audit_entry WHERE seq = :gone", gone=gone)

    assert kinds(checked(database)) == {(kind, gone)}


def test_a_removed_entry_shows_even_if_the_others_move_up(database: Database) -> None:
    note(database, 4)

    behind_its_back(
        database,
        "DELETE FROM audit_entry WHERE seq = 2",
        "UPDATE audit_entry SET seq = 2 WHERE seq = 3",
        "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
        "UPDATE audit_head SET seq = 3",
    )

    found = checked(database)
    assert not found.intact
    assert {seq for _, seq in kinds(found)} >= {2, 3}


def test_two_entries_that_changed_places_show(database: Database) -> None:
    note(database, 5)

    behind_its_back(
        database,
        "UPDATE audit_entry SET seq = 99 WHERE seq = 2",
        "UPDATE audit_entry SET seq = 2 WHERE seq = 4",
        "UPDATE audit_entry SET seq = 4 WHERE seq = 99",
    )

    assert kinds(checked(database)) == {(FaultKind.MOVED, 2), (FaultKind.MOVED, 4)}


def copy_of(seq: int, to: int) -> str:
    names = "at, principal, kind, project, action, target, outcome, address, request_id, client"
    names += ', "before", "after", key, previous, hash'
    return f"INSERT INTO audit_entry (seq, {names}) SELECT {to}, {names} FROM audit_entry WHERE seq = {seq}"


def test_a_forged_entry_shows(database: Database) -> None:
    note(database, 3)

    behind_its_back(database, copy_of(3, 4))
    assert kinds(checked(database)) == {(FaultKind.INSERTED, 4)}

    behind_its_back(
        database,
        "UPDATE audit_head SET seq = 4",
        "UPDATE audit_entry SET previous = (SELECT hash FROM audit_head) WHERE seq = 4",
    )
    assert {(FaultKind.CHANGED, 4), (FaultKind.HEAD, 4)} <= kinds(checked(database))


def test_a_tail_that_was_written_again_with_another_key_shows(database: Database) -> None:
    note(database, 5)
    with database.read() as transaction:
        now = transaction.audit.head()
        rows = [entry for entry in transaction.audit.chain() if isinstance(entry, AuditEntry)]

    wrong, previous = b"w" * 32, rows[1].hash
    for entry in rows[2:]:
        forged = entry.model_copy(update={"principal": "user:eve", "previous": previous})
        previous = hash_of(forged, wrong)
        behind_its_back(
            database,
            "UPDATE audit_entry SET principal = 'user:eve', previous = :previous, hash = :hash WHERE seq = :seq",
            previous=forged.previous,
            hash=previous,
            seq=entry.seq,
        )
    sealed = now.model_copy(update={"hash": previous}).sealed(key_id=now.key or "", key=wrong)
    behind_its_back(
        database, "UPDATE audit_head SET hash = :hash, mac = :mac", hash=previous, mac=sealed.mac
    )

    assert kinds(checked(database)) == {
        (FaultKind.CHANGED, 3),
        (FaultKind.CHANGED, 4),
        (FaultKind.CHANGED, 5),
        (FaultKind.HEAD, 5),
    }


CUT = (
    "DELETE FROM audit_entry WHERE seq > 3",
    "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE seq = 3)",
)


def test_an_end_that_was_cut_off_shows(database: Database) -> None:
    note(database, 5)

    behind_its_back(database, *CUT)

    assert kinds(checked(database)) == {(FaultKind.HEAD, 3)}


def test_an_end_that_was_cut_off_still_shows_after_others_were_added(database: Database) -> None:
    note(database, 5)
    behind_its_back(database, *CUT)

    note(database, 2)

    assert kinds(checked(database)) == {(FaultKind.HEAD, 4)}


def test_an_older_state_that_was_put_back_whole_shows_by_a_head_that_was_noted_elsewhere(
    database: Database,
) -> None:
    note(database, 3)
    with database.read() as transaction:
        old = transaction.audit.head().model_dump()
    note(database, 2)
    noted = head(database)
    places = ", ".join(f'"{name}" = :{name}' for name in old)
    behind_its_back(database, CUT[0], f"UPDATE audit_head SET {places}", **old)

    assert checked(database).intact
    assert kinds(checked(database, noted)) == {(FaultKind.TRUNCATED, 4)}
    note(database, 3, action="ipr.reject")
    assert kinds(checked(database, noted)) == {(FaultKind.REWRITTEN, 5)}


def test_a_head_that_was_noted_elsewhere_is_compared(database: Database) -> None:
    note(database, 3)
    noted = head(database)
    note(database, 3)

    report = checked(database, noted)

    assert report.intact
    assert report.compared == (noted,)


# ── retention ────────────────────────────────────────────────────────────────────────────────────


def prune(database: Database, clock: FakeClock, *, limit: int = 100) -> int:
    with database.write() as transaction:
        return transaction.audit.prune(clock.now() - timedelta(days=1), limit=limit)


def test_what_is_left_by_retention_still_checks(database: Database, clock: FakeClock) -> None:
    note(database, 4)
    noted = head(database)
    clock.advance(2 * 86400)
    note(database, 2)

    assert prune(database, clock) == 4
    assert [entry.seq for entry in entries(database)] == [6, 5]
    report = checked(database, noted)
    assert report.intact
    assert (report.kept_from, report.pruned) == (5, (noted,))
    note(database)
    assert checked(database).intact


def test_retention_takes_some_at_a_time_and_never_the_newest(
    database: Database, clock: FakeClock
) -> None:
    note(database, 5)
    clock.advance(2 * 86400)

    assert [prune(database, clock, limit=3) for _ in range(3)] == [3, 1, 0]
    assert [entry.seq for entry in entries(database)] == [5]
    assert checked(database).intact


def test_more_than_retention_took_shows(database: Database, clock: FakeClock) -> None:
    note(database, 4)
    clock.advance(2 * 86400)
    note(database, 3)
    prune(database, clock)

    behind_its_back(database, "DELETE FROM audit_entry WHERE seq = 5")
    assert kinds(checked(database)) == {(FaultKind.REMOVED, 5)}

    behind_its_back(
        database,
        "UPDATE audit_head SET kept_from = 6, kept_hash = (SELECT previous FROM audit_entry WHERE seq = 6)",
    )
    assert kinds(checked(database)) == {(FaultKind.HEAD, 7)}
    clock.advance(3 * 86400)
    with pytest.raises(Conflict, match="nothing is taken away"):
        prune(database, clock)
