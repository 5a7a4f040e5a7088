"""Lanes on which people learn, and the baskets that they filled there."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE terminals ADD COLUMN is_training INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE baskets ADD COLUMN is_training INTEGER DEFAULT 0 NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
