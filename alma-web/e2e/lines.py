"""Goes on with the log of a deployment, for the tests of the dashboard: a run that says so much takes minutes.

`lines.py HOME DEPLOYMENT NUMBER` adds so many lines, in one transaction, as a run adds its own.
"""

import sys
from pathlib import Path

from alma.core.model.event import EventType
from alma.db.database import open_database

HOSTILE = "<script>alert(1)</script>"


def main(home: str, id_: str, number: int) -> None:
    """Writes them; those who watch are told by the server's own look at what has grown."""
    opened = open_database(f"sqlite:///{Path(home) / 'alma.db'}", home=Path(home))
    with opened.write() as transaction:
        last = transaction.deployments.last_seq(id_)
        for seq in range(last + 1, last + number + 1):
            message = f"line {seq} {HOSTILE} {'very-long-' * (seq % 40)}"
            transaction.deployments.append_event(id_, EventType.LOG, message, address="web")


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
