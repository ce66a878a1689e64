"""where each resource was seen last."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("state_record", sa.Column("site", sa.JSON(none_as_null=True), nullable=True))
    op.execute("UPDATE state_record SET site = '{}'")
    with op.batch_alter_table("state_record") as table:
        table.alter_column("site", existing_type=sa.JSON(none_as_null=True), nullable=False)
