"""what became of blueprints that are declared elsewhere, such as in a cluster."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "declaration",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("generation", _ID, nullable=False),
        sa.Column("blueprint_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("ipr_id", _ID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["blueprint_id"], ["blueprint.id"], name=op.f("fk_declaration_blueprint_id")
        ),
        sa.ForeignKeyConstraint(["ipr_id"], ["ipr.id"], name=op.f("fk_declaration_ipr_id")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_declaration")),
    )
    op.create_index(op.f("ix_declaration_project"), "declaration", ["project"], unique=False)
