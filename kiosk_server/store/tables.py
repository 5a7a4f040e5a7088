"""Every table of the store. The journal is the truth; what follows it is drawn from it by projection.py.

Tables are STRICT, booleans are 0 or 1, times are ms since 1970 UTC, money is cents, and lists that no report asks for
stand as JSON in a TEXT column. Baskets and money have a file of their own, tables_money.py. STATE_TABLES are what
`verify` rebuilds and compares.
"""

from sqlalchemy import DDL, Column, Index, Integer, LargeBinary, Text, event, text

from kiosk_server.store.columns import metadata, number, table, words
from kiosk_server.store.tables_money import receipts, takings

__all__ = ["PRODUCE", "SEARCH_DDL", "SEARCH_TABLES", "STATE_TABLES", "metadata", "receipts", "takings"]

# -- the truth --

journal = table(
    "journal",
    Column("seq", Integer, primary_key=True),
    number("at"),
    words("type"),
    words("key"),
    words("by"),
    words("terminal"),
    words("data"),
    Column("hash", LargeBinary, nullable=False),
)

# Not state: what was answered, so that a sender who never heard it can ask again.
command_keys = table(
    "command_keys",
    Column("row_id", Integer, primary_key=True),
    words("identity"),
    words("key"),
    Column("body", LargeBinary, nullable=False),
    number("at"),
    Column("reply", LargeBinary, nullable=False),
    Index("command_keys_by_sender", "identity", "key", unique=True),
)

# Facts about the file itself: the writer's probe writes here, nothing is projected into it.
store_facts = table("store_facts", words("name", primary_key=True), words("value"), has_rowid=False)

# -- terminals --

terminals = table(
    "terminals",
    words("name", primary_key=True),
    words("kind"),
    words("enrolment"),
    words("state"),
    number("state_since"),
    words("token_hash"),
    number("added_at"),
    Column("basket_id", Text),
    number("is_training", 0),
    Index("terminals_by_token", "token_hash", unique=True, sqlite_where=text("token_hash != ''")),
    has_rowid=False,
)

points = table(
    "points",
    words("terminal", primary_key=True),
    words("state"),
    Column("grade_id", Text),
    Column("grade_name", Text),
    Column("grade_mills", Integer),
    number("transaction_number"),
    number("volume_ml"),
    number("amount_cents"),
    Column("limit_cents", Integer),
    words("unpaid"),
    number("is_hung", 0),
    has_rowid=False,
)

fuellings = table(
    "fuellings",
    words("terminal", primary_key=True),
    Column("transaction_number", Integer, primary_key=True),
    words("basket_id"),
    words("grade_id"),
    number("volume_ml"),
    number("unit_price_mills"),
    number("amount_cents"),
    number("finished_at"),
    Index("fuellings_by_basket", "basket_id"),
    has_rowid=False,
)

# -- who may come in --

staff = table(
    "staff",
    words("name", primary_key=True),
    words("folded"),
    words("role"),
    words("secret_kind"),
    words("fingerprint"),
    number("added_at"),
    number("is_retired", 0),
    Index("staff_by_folded", "folded", unique=True),
    has_rowid=False,
)

sessions = table(
    "sessions",
    words("session_id", primary_key=True),
    words("person"),
    words("role"),
    words("source"),
    words("fingerprint"),
    number("began_at"),
    number("kept_at"),
    number("age_s", 0),
    number("idle_s", 0),
    Index("sessions_by_person", "person", "began_at"),
    has_rowid=False,
)

wrong_tries = table(
    "wrong_tries",
    words("subject", primary_key=True),
    number("tries"),
    number("locked_s"),
    has_rowid=False,
)

network_orders = table(
    "network_orders",
    words("network", primary_key=True),
    words("treatment"),
    words("why"),
    words("by"),
    number("ordered_at"),
    Column("lasts_s", Integer),
    has_rowid=False,
)

# What the journal must not keep for ever: hashes of PINs and passwords, and of session tokens. Events carry the
# fingerprint of each (its SHA-256), by which `verify` proves these rows too; see secrets.py.
secrets = table("secrets", words("owner", primary_key=True), words("value"), has_rowid=False)

# -- catalog --

# What is picked from pictures at a scale: sold by weight, or by a PLU (4 or 5 digits). Queries repeat it word by word,
# or the indexes below are not used.
PRODUCE = "kind = 'grocery' AND is_withdrawn = 0 AND (price_per_kg_cents IS NOT NULL OR length(code) IN (4, 5))"

items = table(
    "items",
    Column("row_id", Integer, primary_key=True),
    words("item_id"),
    words("name"),
    words("folded"),
    words("kind"),
    Column("code", Text),
    Column("price_cents", Integer),
    Column("unit_price_mills", Integer),
    words("tax_class"),
    words("category"),
    words("modifier_groups"),
    words("allergens"),
    words("picture"),
    Column("price_per_kg_cents", Integer),
    Column("weight_g", Integer),
    Column("minimum_age", Integer),
    Column("max_quantity", Integer),
    number("deposit_cents", 0),
    number("is_withdrawn", 0),
    words("bagging", "weighed"),
    number("tare_g", 0),
    number("sold", 0),
    number("changed_seq", 0),
    Index("items_by_id", "item_id", unique=True),
    Index("items_by_code", "code", sqlite_where=text("code IS NOT NULL")),
    Index("items_by_kind", "kind"),
    Index("items_by_change", "changed_seq", "row_id", sqlite_where=text("kind = 'grocery'")),
    Index("items_produce", "category", text("sold DESC"), "name", sqlite_where=text(PRODUCE)),
    Index("items_produce_by_sales", text("sold DESC"), "name", sqlite_where=text(PRODUCE)),
)

SEARCH_DDL = (
    "CREATE VIRTUAL TABLE items_search USING fts5("
    "folded, tokenize = \"unicode61 remove_diacritics 2\", prefix = '1 2 3')"
)
# Every three letters, for the middle of words. It does not know their places: what it finds is looked at once more.
TRIGRAMS_DDL = "CREATE VIRTUAL TABLE items_trigrams USING fts5(folded, tokenize = 'trigram', detail = none)"
SEARCH_TABLES = ("items_search", "items_trigrams")
# The words there are, read from the first of them, for those that are misspelt.
WORDS_DDL = "CREATE VIRTUAL TABLE items_words USING fts5vocab(items_search, 'row')"
for ddl in (SEARCH_DDL, TRIGRAMS_DDL, WORDS_DDL):
    event.listen(metadata, "after_create", DDL(ddl))  # type: ignore[no-untyped-call]

# -- people, kitchen, house --

interventions = table(
    "interventions",
    words("intervention_id", primary_key=True),
    words("kind"),
    words("terminal"),
    number("raised_at"),
    Column("basket_id", Text),
    Column("amount_cents", Integer),
    Column("outcome", Text),
    Column("resolved_at", Integer),
    words("resolved_by"),
    words("note"),
    words("evidence", "{}"),
    words("claimed_by", ""),
    Column("claimed_at", Integer),
    number("is_holding_scanning", 0),
    number("is_holding_paying", 0),
    Index("interventions_open", "raised_at", sqlite_where=text("outcome IS NULL")),
    Index("interventions_by_basket", "basket_id", sqlite_where=text("basket_id IS NOT NULL")),
    has_rowid=False,
)

# What lies in the bagging area of a basket and is no item of it: bags and accepted differences.
bagging = table("bagging", words("basket_id", primary_key=True), number("tare_g"), has_rowid=False)

# What of a basket may stay out of the bagging area.
bagging_skips = table(
    "bagging_skips",
    words("basket_id", primary_key=True),
    Column("line_id", Integer, primary_key=True),
    number("pieces"),
    has_rowid=False,
)

# What one piece of an item weighs, as learned: the median of `samples`, and their median distance from it.
weights = table(
    "weights",
    words("item_id", primary_key=True),
    number("weight_g"),
    number("spread_g"),
    words("samples"),
    has_rowid=False,
)

tickets = table(
    "tickets",
    words("ticket_id", primary_key=True),
    number("number"),
    words("day"),
    words("basket_id"),
    words("terminal"),
    words("state"),
    words("lines"),
    number("fired_at"),
    number("moved_at"),
    words("moved_by"),
    Index("tickets_by_number", "day", "number"),
    Index("tickets_by_basket", "basket_id"),
    Index("tickets_by_state", "state", "moved_at"),
    has_rowid=False,
)

days = table("days", words("day", primary_key=True), number("opened_at"), has_rowid=False)

# Singletons of the house, such as is_simulating.
house = table("house", words("name", primary_key=True), words("value"), has_rowid=False)

_NOT_STATE = (journal, command_keys, store_facts, secrets)
STATE_TABLES = tuple(one for one in metadata.sorted_tables if one not in _NOT_STATE)
