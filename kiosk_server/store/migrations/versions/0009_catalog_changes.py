"""Items know which row of the journal changed them last, so that lanes can ask for what is new."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE items ADD COLUMN changed_seq INTEGER DEFAULT 0 NOT NULL",
    "CREATE TEMP TABLE changes (item_id TEXT PRIMARY KEY, seq INTEGER NOT NULL)",
    # What the projection would have written, had the column been there.
    "INSERT INTO changes SELECT json_extract(item.value, '$.item_id'), max(journal.seq) "
    "FROM journal, json_each(journal.data, '$.items') AS item WHERE journal.type = 'items_imported' GROUP BY 1",
    "UPDATE items SET changed_seq = coalesce((SELECT seq FROM changes WHERE changes.item_id = items.item_id), 0)",
    "DROP TABLE changes",
    "CREATE INDEX items_by_change ON items (changed_seq, row_id) WHERE kind = 'grocery'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
