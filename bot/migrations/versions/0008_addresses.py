"""Private addresses of calendars and sheets."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of addresses."""
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "addresses",
        sa.Column("group_id", text(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("opens", text(), nullable=False),
        sa.Column("meeting", sa.Integer(), nullable=False),
        sa.Column("hash", text(), nullable=False),
        sa.Column("seed", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_addresses_group_id_groups")
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", "opens", name=op.f("pk_addresses")),
        sa.UniqueConstraint("hash", name=op.f("uq_addresses_hash")),
    )
