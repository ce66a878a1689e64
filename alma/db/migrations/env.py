"""What the migration tool runs: with ALMA's own connection at a start, or for developers with a URL.

A new migration, after changing `alma/db/tables.py` (on a database that is at the newest one):

    alembic --config alma/db/migrations/alembic.ini -x url=sqlite:////tmp/new.db upgrade head
    alembic --config alma/db/migrations/alembic.ini -x url=sqlite:////tmp/new.db revision --autogenerate \
        --rev-id 0002 --message "what it is for"

then set `HEAD` in `tables.py`. A test checks that the migrations lead to exactly those tables.
"""

from typing import Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from alma.db import access_tables
from alma.db.engine import make_engine
from alma.db.tables import metadata

assert access_tables.metadata is metadata  # loaded for what it declares


def _ours(name: str | None, type_: str, _parents: object) -> bool:
    """The workflow engine's tables in the same file are its own business."""
    return type_ != "table" or name in metadata.tables


def _plain_type(type_: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations name the database's own types: what ours make of them may change later."""
    return f"sa.{item.impl!r}" if type_ == "type" and isinstance(item, TypeDecorator) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=_ours,
        render_item=_plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with make_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        _run(opened)
