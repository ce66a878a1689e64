"""what processes know of each other: who follows a turn, who failed to sign in, and what a repeatable request wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turn_follower",
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "follower", name=op.f("pk_turn_follower")),
    )
    op.create_index(op.f("ix_turn_follower_until"), "turn_follower", ["until"], unique=False)
    op.create_table(
        "sign_in_count",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Float(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_count")),
    )
    op.create_index(op.f("ix_sign_in_count_gone_at"), "sign_in_count", ["gone_at"], unique=False)
    op.add_column("idempotent_answer", sa.Column("run", sa.Text(), nullable=True))
    op.add_column("idempotent_answer", sa.Column("wrote", sa.Boolean(), nullable=True))
