"""An index of every three letters of a name, and the words there are: for the middle of words and for misspelt ones."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE VIRTUAL TABLE items_trigrams USING fts5(folded, tokenize = 'trigram', detail = none)",
    "CREATE VIRTUAL TABLE items_words USING fts5vocab(items_search, 'row')",
    "INSERT INTO items_trigrams (rowid, folded) SELECT row_id, folded FROM items",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
