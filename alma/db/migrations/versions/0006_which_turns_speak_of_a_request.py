"""which turns speak of a request, without a look at the turns."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    spoken_of = sa.text("ipr_id IS NOT NULL")
    op.create_index(
        "ix_turn_mentions",
        "turn",
        ["project", "conversation_id", "number", "id", "ipr_id", "plan_digest"],
        sqlite_where=spoken_of,
        postgresql_where=spoken_of,
    )
