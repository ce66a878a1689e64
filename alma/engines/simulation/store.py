"""The simulated world on disk: one SQLite file that several processes share and that a kill -9 leaves whole.

Every change of an object is one transaction together with its line in `operation`. That table is only ever appended to,
so it proves what was really done, and how often. Everything here blocks; the engine calls it from a thread.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alma.core.model.base import Frozen, canonical_json
from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import EngineUnavailable
from alma.core.model.state import Properties, Status

VERSION = 1
NOBODY = ""  # the stack of what belongs to none; such an object has its id for an address
BUSY_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE object (
    stack TEXT NOT NULL, address TEXT NOT NULL, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    type TEXT NOT NULL, key TEXT NOT NULL, depends_on TEXT NOT NULL, retain INTEGER NOT NULL,
    properties TEXT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (stack, address)
) WITHOUT ROWID;
CREATE TABLE operation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, stack TEXT NOT NULL,
    address TEXT NOT NULL, action TEXT NOT NULL, key TEXT NOT NULL, object_id TEXT NOT NULL
);
CREATE INDEX operation_stack ON operation (stack, seq);
CREATE INDEX operation_object ON operation (object_id, seq);
CREATE TABLE met (
    fault TEXT NOT NULL, scope TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (fault, scope)
) WITHOUT ROWID;
"""
_FIND = "SELECT * FROM object WHERE stack = ? AND address = ?"
_FIND_ID = "SELECT * FROM object WHERE id = ?"
_LIST = "SELECT * FROM object WHERE stack = ? ORDER BY address"
_PUT = """
INSERT OR REPLACE INTO object
    (stack, address, id, name, type, key, depends_on, retain, properties, status)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_NOTE = """
INSERT INTO operation (at, stack, address, action, key, object_id) VALUES (?, ?, ?, ?, ?, ?)
"""
_MEET = """
INSERT INTO met VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times
"""
_COUNT = "SELECT count(*) AS objects, count(DISTINCT nullif(stack, '')) AS stacks FROM object"


class Thing(Frozen):
    """One object of the simulated world, its marker included."""

    stack: str
    address: str
    id: str
    name: str
    type: ResourceType
    key: str
    depends_on: tuple[str, ...]
    retain: bool
    properties: Properties
    status: Status


class Operation(Frozen):
    """One effect on the world: `action` is create, update, start, delete, adopt or release, `key` that of the change
    that caused it."""

    seq: int
    at: datetime
    stack: str
    address: str
    action: str
    key: str
    object_id: str


class Transaction:
    """The world inside one transaction: what is read here stays true until it ends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, stack: str, address: str) -> Thing | None:
        """The object at an address."""
        row = self._connection.execute(_FIND, (stack, address)).fetchone()
        return _thing(row) if row else None

    def find_id(self, id_: str) -> Thing | None:
        """The object of that id, whosever it is."""
        row = self._connection.execute(_FIND_ID, (id_,)).fetchone()
        return _thing(row) if row else None

    def things(self, stack: str) -> list[Thing]:
        """All objects of a stack, by address."""
        return [_thing(row) for row in self._connection.execute(_LIST, (stack,))]

    def put(self, thing: Thing, *, action: str, by: str | None = None) -> None:
        """Makes or changes an object. `by` is who did it when it was not the change whose key the object carries."""
        self._write(thing)
        self._note(thing, action, by or thing.key)

    def release(self, thing: Thing, *, key: str) -> None:
        """Takes a stack's marker off an object."""
        nobody = {"stack": NOBODY, "address": thing.id, "depends_on": (), "retain": False}
        self._write(thing.model_copy(update={**nobody, "key": key}))
        self._note(thing, "release", key)

    def _write(self, thing: Thing) -> None:
        self._connection.execute(
            _PUT,
            (
                *(thing.stack, thing.address, thing.id, thing.name, thing.type.value, thing.key),
                *(json.dumps(thing.depends_on), thing.retain),
                *(canonical_json(dict(thing.properties)), thing.status.value),
            ),
        )

    def remove(self, thing: Thing, *, key: str) -> None:
        """Takes an object away."""
        self._connection.execute("DELETE FROM object WHERE id = ?", (thing.id,))
        self._note(thing, "delete", key)

    def operations(self, stack: str) -> list[Operation]:
        """What was done to a stack, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM operation WHERE stack = ? ORDER BY seq", (stack,)
        )
        return [Operation.model_validate(dict(row)) for row in rows]

    def history(self, object_id: str) -> list[Operation]:
        """What was done to one object, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM operation WHERE object_id = ? ORDER BY seq", (object_id,)
        )
        return [Operation.model_validate(dict(row)) for row in rows]

    def meet(self, fault: str, scope: str) -> int:
        """Counts one more meeting with a fault in that scope, and says how many there were."""
        return int(self._connection.execute(_MEET, (fault, scope)).fetchone()[0])

    def count(self) -> dict[str, int]:
        """How many objects and stacks there are in all."""
        return dict(self._connection.execute(_COUNT).fetchone())

    def _note(self, thing: Thing, action: str, key: str) -> None:
        at = datetime.now(UTC).isoformat()
        self._connection.execute(_NOTE, (at, thing.stack, thing.address, action, key, thing.id))


def _thing(row: sqlite3.Row) -> Thing:
    values = dict(row)
    for column in ("depends_on", "properties"):
        values[column] = json.loads(values[column])
    return Thing.model_validate(values)


class Store:
    """The file. Opened at the first transaction; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self, *, reads_only: bool = False) -> Iterator[Transaction]:
        """All or nothing. Those that only read don't wait for other processes.

        Raises EngineUnavailable when the file can't be used; then nothing changed.
        """
        with self._lock, self._translated():
            connection = self._opened()
            connection.execute("BEGIN" if reads_only else "BEGIN IMMEDIATE")
            try:
                yield Transaction(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        """Closes the file. A later transaction would open it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise EngineUnavailable(
                f"The simulation's file {self._path} can't be used: {error}",
                hint="it must be a SQLite file in a directory that ALMA may write to, with space left",
            ) from error


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute(
        "PRAGMA synchronous = NORMAL"
    )  # safe against a kill; a power cut may cost a moment
    with closing(connection.execute("PRAGMA user_version")) as cursor:
        version = int(cursor.fetchone()[0])
    if version > VERSION:
        raise sqlite3.DatabaseError(f"it was written by a newer ALMA (version {version})")
    if version < VERSION:
        _create(connection)


def _create(connection: sqlite3.Connection) -> None:
    """Several processes may come here at once: the first makes the tables, the others find them."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] < VERSION:
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
