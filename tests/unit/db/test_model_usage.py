"""What language models took is added up by project and month, whoever writes it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from alma.core.model.dialogue import Usage
from alma.db.database import Database
from alma.db.tables import model_usage
from alma.db.usage_ledger import UsageLedger

ONE = Usage(consumed=100, generated=10, cost=0.25)


def test_nothing_was_spent_before_something_is_recorded(database: Database) -> None:
    assert UsageLedger(database).spent("shop", "2026-11") == 0.0


def test_what_was_spent_is_the_sum_over_models(database: Database) -> None:
    ledger = UsageLedger(database)
    for model in ("openai:a", "openai:a", "anthropic:b"):
        ledger.record("shop", "2026-11", model=model, usage=ONE)
    assert ledger.spent("shop", "2026-11") == 0.75


def test_months_and_projects_are_apart(database: Database) -> None:
    ledger = UsageLedger(database)
    ledger.record("shop", "2026-11", model="m", usage=ONE)
    assert ledger.spent("shop", "2026-12") == 0.0
    assert ledger.spent("other", "2026-11") == 0.0


def test_an_unknown_price_costs_nothing_and_its_tokens_count(database: Database) -> None:
    ledger = UsageLedger(database)
    ledger.record("shop", "2026-11", model="m", usage=Usage(consumed=7, generated=3))
    assert ledger.spent("shop", "2026-11") == 0.0
    with database.engine.connect() as connection:
        row = connection.execute(select(model_usage)).mappings().one()
    assert (row["requests"], row["consumed"], row["generated"]) == (1, 7, 3)


def test_it_outlives_the_process(database: Database, open_again: Callable[[], Database]) -> None:
    UsageLedger(database).record("shop", "2026-11", model="m", usage=ONE)
    assert UsageLedger(open_again()).spent("shop", "2026-11") == 0.25


def test_attempts_at_the_same_time_all_count(database: Database) -> None:
    ledger = UsageLedger(database)
    with ThreadPoolExecutor(4) as threads:
        for done in [
            threads.submit(ledger.record, "shop", "2026-11", model="m", usage=ONE)
            for _ in range(20)
        ]:
            done.result()
    assert ledger.spent("shop", "2026-11") == 5.0
