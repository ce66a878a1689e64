"""What many do at once, each through a connection of its own, some in processes of their own."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from alma.core.model.errors import Conflict
from alma.core.model.event import EventType
from alma.db.database import Database
from tests.unit.db.samples import PROJECT, add_blueprint, add_stack, stored_deployment, web

T = TypeVar("T")


def at_once(number: int, act: Callable[[int], T]) -> list[T]:
    """What `act` gave in each of that many threads, which all start at the same moment."""
    barrier = Barrier(number)

    def run(index: int) -> T:
        barrier.wait(30)
        return act(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_64_writers_at_once_all_succeed_with_ids_of_their_own(database: Database) -> None:
    def add(index: int) -> int:
        with database.write() as transaction:
            return add_blueprint(transaction, f"shop-{index}")

    ids = at_once(64, add)

    assert sorted(ids) == list(range(1, 65))
    with database.read() as transaction:
        assert transaction.blueprints.count(project=PROJECT) == 64


def test_of_many_who_change_the_same_revision_one_wins(database: Database) -> None:
    with database.write() as transaction:
        id_ = add_blueprint(transaction)

    def change(index: int) -> bool:
        try:
            with database.write() as transaction:
                transaction.blueprints.add_revision(
                    id_,
                    web(memory=f"{index + 3}GB"),
                    project=PROJECT,
                    origins={},
                    by="ada",
                    expected=1,
                )
        except Conflict:
            return False
        return True

    assert sum(at_once(8, change)) == 1
    with database.read() as transaction:
        assert transaction.blueprints.latest(id_, project=PROJECT).number == 2


def test_of_many_who_want_a_lease_one_gets_it(database: Database) -> None:
    with database.write() as transaction:
        stack_id = add_stack(transaction).ref.id

    def take(index: int) -> bool:
        with database.write() as transaction:
            return transaction.stacks.acquire(stack_id, holder=f"d-{index}", seconds=60)

    assert sum(at_once(8, take)) == 1


def test_many_who_need_the_same_stack_get_the_same(database: Database) -> None:
    with database.write() as transaction:
        ids = [add_blueprint(transaction, "shop") for _ in range(2)]

    def ensure(index: int) -> tuple[int, str, str]:
        with database.write() as transaction:
            stack = transaction.stacks.ensure(
                blueprint_id=ids[index % 2],
                blueprint_name="shop",
                engine="docker",
                project=PROJECT,
            )
        return stack.blueprint_id, stack.ref.id, stack.ref.name

    made = set(at_once(8, ensure))

    assert {blueprint for blueprint, _, _ in made} == set(ids)
    assert len(made) == 2
    assert len({name for _, _, name in made}) == 2


def test_many_who_need_the_same_secret_get_the_same(database: Database) -> None:
    with database.write() as transaction:
        stack_id = add_stack(transaction).ref.id

    def ensure(_index: int) -> str:
        with database.write() as transaction:
            return transaction.secrets.ensure(stack_id, "db-1.password", length=32)

    assert len(set(at_once(8, ensure))) == 1


def test_events_written_at_once_have_no_gaps_and_once_is_once(database: Database) -> None:
    stored_deployment(database)

    def say(index: int) -> int:
        with database.write() as transaction:
            transaction.deployments.append_event("d-1", EventType.STATUS_CHANGE, "up", once="up")
            return transaction.deployments.append_event("d-1", EventType.LOG, f"{index}").seq

    numbers = at_once(16, say)

    with database.read() as transaction:
        events = transaction.deployments.events("d-1")
    assert [event.seq for event in events] == list(range(1, 18))
    assert sorted(numbers) == list(range(2, 18))
    assert [event.seq for event in events if event.message == "up"] == [1]


START_UP = """
import sys
from pathlib import Path
from alma.db.database import open_database

database = open_database(sys.argv[1], home=Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
database.migrate()
database.ping()
print(repr(database._keyring), flush=True)
"""


def test_processes_that_start_together_migrate_once_and_share_the_key(
    empty_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", START_UP, empty_url, str(tmp_path / "home")]
    pipe = subprocess.PIPE
    starting = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(4)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    ended = [process.communicate(timeout=60) for process in starting]

    assert [process.returncode for process in starting] == [0] * 4, ended
    assert len({output for output, _ in ended}) == 1
