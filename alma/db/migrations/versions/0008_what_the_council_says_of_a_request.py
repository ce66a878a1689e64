"""what the council says of a request: nothing for those that were opened before."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ipr", sa.Column("council", sa.Text(), nullable=True))
