"""Interventions with evidence, who is on the way, and what they hold up; bagging areas and learned weights."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE interventions ADD COLUMN evidence TEXT DEFAULT '{}' NOT NULL",
    "ALTER TABLE interventions ADD COLUMN claimed_by TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE interventions ADD COLUMN claimed_at INTEGER",
    "ALTER TABLE interventions ADD COLUMN is_holding_scanning INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE interventions ADD COLUMN is_holding_paying INTEGER DEFAULT 0 NOT NULL",
    "CREATE INDEX interventions_by_basket ON interventions (basket_id) WHERE basket_id IS NOT NULL",
    """
CREATE TABLE bagging (
    basket_id TEXT NOT NULL,
    tare_g INTEGER NOT NULL,
    PRIMARY KEY (basket_id)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE weights (
    item_id TEXT NOT NULL,
    weight_g INTEGER NOT NULL,
    spread_g INTEGER NOT NULL,
    samples TEXT NOT NULL,
    PRIMARY KEY (item_id)
)
 WITHOUT ROWID,
 STRICT
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
