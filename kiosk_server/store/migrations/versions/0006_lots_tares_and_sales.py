"""Lines keep the lot and serial number of their code; items their tare and how often they were sold."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PRODUCE = "kind = 'grocery' AND is_withdrawn = 0 AND (price_per_kg_cents IS NOT NULL OR length(code) IN (4, 5))"

STATEMENTS = (
    "ALTER TABLE lines ADD COLUMN lot TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE lines ADD COLUMN serial TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE items ADD COLUMN tare_g INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE items ADD COLUMN sold INTEGER DEFAULT 0 NOT NULL",
    # What the projection would have counted, had it been there.
    "UPDATE items SET sold = (SELECT coalesce(sum(lines.quantity), 0) FROM receipts "
    "JOIN lines ON lines.basket_id = receipts.basket_id "
    "WHERE lines.item_id = items.item_id AND lines.is_voided = 0)",
    f"CREATE INDEX items_produce ON items (category, sold DESC, name) WHERE {PRODUCE}",
    f"CREATE INDEX items_produce_by_sales ON items (sold DESC, name) WHERE {PRODUCE}",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
