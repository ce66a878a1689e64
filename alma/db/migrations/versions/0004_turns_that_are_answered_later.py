"""turns that are answered later, and what they opened or offered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    for column in ("id", "state"):
        op.add_column("turn", sa.Column(column, sa.Text(), nullable=True))
    for column in ("context", "offer", "answer"):
        op.add_column("turn", sa.Column(column, _JSON, nullable=True))
    op.add_column("turn", sa.Column("ipr_id", _id(), nullable=True))
    op.add_column("turn", sa.Column("plan_digest", sa.Text(), nullable=True))
    op.add_column("turn", sa.Column("deployment_id", sa.Text(), nullable=True))
    op.execute(
        "UPDATE turn SET id = project || ':' || conversation_id || ':' || number, "
        "state = 'answered', context = '{}', offer = '[]', answer = '{}'"
    )
    with op.batch_alter_table("turn") as table:
        for column in ("id", "state"):
            table.alter_column(column, existing_type=sa.Text(), nullable=False)
        for column in ("context", "offer", "answer"):
            table.alter_column(column, existing_type=_JSON, nullable=False)
    op.create_index("ix_turn_id", "turn", ["id"], unique=True)
    op.create_index("ix_turn_state", "turn", ["state"])


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
