"""When groups were closed, and what is kept of those that are deleted."""

import json
from datetime import datetime

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GROUPS = sa.table(
    "groups",
    sa.column("id", sa.String()),
    sa.column("status", sa.String()),
    sa.column("document", sa.String()),
    sa.column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime()),
)


def upgrade() -> None:
    """Take from each document when its group was closed; make the table of what is kept."""
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_groups_closed_at"), ["closed_at"], unique=False)
    connection = op.get_bind()
    closed = sa.select(_GROUPS.c.id, _GROUPS.c.document).where(_GROUPS.c.status == "closed")
    for id, document in connection.execute(closed).all():
        at = json.loads(document).get("closed_at")
        if at is not None:
            connection.execute(
                sa.update(_GROUPS)
                .where(_GROUPS.c.id == id)
                .values(closed_at=datetime.fromisoformat(at))
            )
    op.create_table(
        "ended",
        *(
            sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False)
            for name in ("platform", "tenant")
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("groups", "planned", "held", "members", "most")
        ),
        sa.PrimaryKeyConstraint("platform", "tenant", "year", "method", name=op.f("pk_ended")),
    )
