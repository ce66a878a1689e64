"""where sign-ins that wait were begun, so that no place alone takes all the room there is."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pending_login", sa.Column("origin", sa.Text(), nullable=True))
