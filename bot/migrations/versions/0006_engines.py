"""What several processes must know of each other's work."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say which moments are queued, and since when something is being sent."""
    with op.batch_alter_table("moments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("queued", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.drop_index(batch_op.f("ix_moments_due_at"))
        batch_op.create_index(
            batch_op.f("ix_moments_queued_due_at"), ["queued", "due_at"], unique=False
        )
    with op.batch_alter_table("moments", schema=None) as batch_op:
        batch_op.alter_column("queued", server_default=None)
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("claimed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_posts_next_try_at"), ["next_try_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("posts", "id", type_=sa.BigInteger())
