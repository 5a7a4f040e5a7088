"""Lines that were weighed, carry a deposit or are cheaper for a reason, and items that know as much of themselves."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE lines ADD COLUMN weight_g INTEGER",
    "ALTER TABLE lines ADD COLUMN price_per_kg_cents INTEGER",
    "ALTER TABLE lines ADD COLUMN deposit_cents INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE lines ADD COLUMN discounts TEXT DEFAULT '[]' NOT NULL",
    "ALTER TABLE items ADD COLUMN price_per_kg_cents INTEGER",
    "ALTER TABLE items ADD COLUMN weight_g INTEGER",
    "ALTER TABLE items ADD COLUMN minimum_age INTEGER",
    "ALTER TABLE items ADD COLUMN max_quantity INTEGER",
    "ALTER TABLE items ADD COLUMN deposit_cents INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE items ADD COLUMN is_withdrawn INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE items ADD COLUMN bagging TEXT DEFAULT 'weighed' NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
