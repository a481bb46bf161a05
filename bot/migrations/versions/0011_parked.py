"""How often a moment has failed, and by what."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both to the moments; none has failed yet, as far as is known."""
    with op.batch_alter_table("moments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column(
                "fault", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""
            )
        )
