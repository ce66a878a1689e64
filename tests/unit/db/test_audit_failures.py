"""An entry that can't be written shows in what operators watch."""

from contextlib import suppress

from sqlalchemy import text

from alma.core.model.errors import AlmaError
from alma.db.database import open_database
from alma.telemetry.prometheus import PrometheusMeters
from tests.people import somebody


def counted(meters: PrometheusMeters) -> float:
    found = {sample.name: sample.value for sample in meters.samples()}
    return found["audit_failures_total"]


def test_an_entry_that_could_not_be_written_is_counted_and_others_are_not(url, tmp_path) -> None:
    meters = PrometheusMeters()
    database = open_database(url, home=tmp_path, meters=meters)
    database.migrate()
    with database.write() as transaction:
        transaction.audit.add(somebody("ann"), action="ipr.approve", target="ipr/7")
    assert counted(meters) == 0
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry RENAME TO elsewhere"))
    with suppress(AlmaError), database.write() as transaction:
        transaction.audit.add(somebody("ann"), action="ipr.approve", target="ipr/8")
    database.close()
    assert counted(meters) == 1
