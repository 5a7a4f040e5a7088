"""What of a basket may stay out of the bagging area, line by line."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE bagging_skips (
    basket_id TEXT NOT NULL,
    line_id INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    PRIMARY KEY (basket_id, line_id)
)
 WITHOUT ROWID,
 STRICT
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
