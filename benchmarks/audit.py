"""What the audit log costs whoever changes something, and how long checking it takes.

    python -m benchmarks.audit [--quick] [--json | --markdown]

Saving a blueprint's revision on SQLite with its entry, against the same transaction without one: on the wall, where
writing to the disk is most of it, and in CPU time. Checking an entry, against SHA-256 over the same JSON, which is what
a chain without a key, a schema or a look at its neighbours would take. Each for one revision, or one entry.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from alma.core.model.audit_check import check
from alma.core.model.audit_export import line
from alma.core.model.blueprint import Blueprint, Resource, ResourceType, Revision
from alma.core.model.principal import LOCAL
from alma.core.services.noting import note_revision
from alma.db.database import Database, open_database
from benchmarks.measuring import Options, Report, Samples, progress, run

_WRITES = 200
_BLUEPRINT = Blueprint(
    name="shop",
    resources=tuple(Resource(type=ResourceType.VM, name=f"vm-{n}") for n in range(20)),
)


def measure(options: Options) -> Report:
    """The turns, one after another."""
    with TemporaryDirectory() as home, _database(Path(home)) as database:
        samples = Samples()
        revision = _made(database)
        for number in range(options.rounds + 1):
            progress(f"audit: turn {number} of {options.rounds}")
            turn = Samples()
            revision = _turn(database, revision, turn)
            if number:  # the first warms up
                samples.take(turn)
    progress("")
    rows = [
        samples.row("a write with its entry", "µs", ("noted", "plain"), against="without"),
        samples.row("the same in CPU time", "µs", ("noted cpu", "plain cpu"), against="without"),
        samples.row("checking an entry", "µs", ("check", "digest"), against="SHA-256 of its JSON"),
    ]
    return Report("audit", "", rows=tuple(rows))


@contextmanager
def _database(home: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{home / 'alma.db'}", home=home)
    database.migrate()
    try:
        yield database
    finally:
        database.close()


def _made(database: Database) -> Revision:
    with database.write() as transaction:
        return transaction.blueprints.add(
            _BLUEPRINT, project=LOCAL.project, origins={}, by=LOCAL.id
        )


def _turn(database: Database, revision: Revision, samples: Samples) -> Revision:
    took: dict[str, float] = defaultdict(float)
    # One after the other, so that what else the machine does falls on both.
    for number in range(2 * _WRITES):
        noted = number % 4 in {1, 2}
        name = "noted" if noted else "plain"
        wall, cpu = time.perf_counter(), time.process_time()
        revision = _save(database, revision, noted=noted)
        took[name] += time.perf_counter() - wall
        took[f"{name} cpu"] += time.process_time() - cpu
    for name, seconds in took.items():
        samples.add(name, seconds / _WRITES * 1e6)
    _check(database, samples)
    return revision


def _save(database: Database, before: Revision, *, noted: bool) -> Revision:
    with database.write() as transaction:
        saved = transaction.blueprints.add_revision(
            before.id,
            _BLUEPRINT.model_copy(update={"name": f"shop-{before.number}"}),
            project=LOCAL.project,
            origins={},
            by=LOCAL.id,
            expected=before.number,
        )
        if noted:
            note_revision(transaction, LOCAL, saved)
        return saved


def _check(database: Database, samples: Samples) -> None:
    with database.read() as transaction:
        audit = transaction.audit
        started = time.process_time()
        report = check(audit.chain(), audit.head(), keys=audit.key)
        samples.add("check", (time.process_time() - started) / report.entries * 1e6)
        texts = [line(entry).encode() for entry in audit.chain() if not isinstance(entry, int)]
    assert report.intact
    started = time.process_time()
    for text in texts:
        hashlib.sha256(text).hexdigest()
    samples.add("digest", (time.process_time() - started) / len(texts) * 1e6)


if __name__ == "__main__":
    sys.exit(run("audit", "The audit log", measure, rounds=5))
