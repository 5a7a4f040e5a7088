"""Every table of the store. The journal is the truth; what follows it is drawn from it by projection.py.

Tables are STRICT, booleans are 0 or 1, times are ms since 1970 UTC, money is cents, and lists that no report asks for
stand as JSON in a TEXT column. STATE_TABLES are what `verify` rebuilds and compares.
"""

from typing import Any

from sqlalchemy import (
    DDL,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
    text,
)

metadata = MetaData()


def _table(name: str, *columns: Column[Any] | Index, has_rowid: bool = True) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=has_rowid)


def _text(name: str, default: str | None = None, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default, **options)


def _number(name: str, default: int | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=None if default is None else text(str(default)))


# -- the truth --

journal = _table(
    "journal",
    Column("seq", Integer, primary_key=True),
    _number("at"),
    _text("type"),
    _text("key"),
    _text("by"),
    _text("terminal"),
    _text("data"),
    Column("hash", LargeBinary, nullable=False),
)

# Not state: what was answered, so that a sender who never heard it can ask again.
command_keys = _table(
    "command_keys",
    Column("row_id", Integer, primary_key=True),
    _text("identity"),
    _text("key"),
    Column("body", LargeBinary, nullable=False),
    _number("at"),
    Column("reply", LargeBinary, nullable=False),
    Index("command_keys_by_sender", "identity", "key", unique=True),
)

# Facts about the file itself: the writer's probe writes here, nothing is projected into it.
store_facts = _table("store_facts", _text("name", primary_key=True), _text("value"), has_rowid=False)

# -- terminals --

terminals = _table(
    "terminals",
    _text("name", primary_key=True),
    _text("kind"),
    _text("enrolment"),
    _text("state"),
    _number("state_since"),
    _text("token_hash"),
    _number("added_at"),
    Column("basket_id", Text),
    _number("is_training", 0),
    Index("terminals_by_token", "token_hash", unique=True, sqlite_where=text("token_hash != ''")),
    has_rowid=False,
)

points = _table(
    "points",
    _text("terminal", primary_key=True),
    _text("state"),
    Column("grade_id", Text),
    Column("grade_name", Text),
    Column("grade_mills", Integer),
    _number("transaction_number"),
    _number("volume_ml"),
    _number("amount_cents"),
    Column("limit_cents", Integer),
    _text("unpaid"),
    _number("is_hung", 0),
    has_rowid=False,
)

fuellings = _table(
    "fuellings",
    _text("terminal", primary_key=True),
    Column("transaction_number", Integer, primary_key=True),
    _text("basket_id"),
    _text("grade_id"),
    _number("volume_ml"),
    _number("unit_price_mills"),
    _number("amount_cents"),
    _number("finished_at"),
    Index("fuellings_by_basket", "basket_id"),
    has_rowid=False,
)

# -- baskets and money --

baskets = _table(
    "baskets",
    _text("basket_id", primary_key=True),
    _text("terminal"),
    _text("state"),
    _text("day"),
    _number("opened_at"),
    Column("tender", Text),
    _number("is_released", 0),
    Column("receipt_number", Integer),
    _number("items", 0),
    _number("total_cents", 0),
    _number("due_cents", 0),
    _number("has_payments", 0),
    Column("refund_of", Integer),
    _text("reason", ""),
    _text("refunded_by", ""),
    _number("has_coupons", 0),
    _number("is_training", 0),
    Index("baskets_suspended", "opened_at", sqlite_where=text("state = 'suspended'")),
    has_rowid=False,
)

lines = _table(
    "lines",
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), primary_key=True),
    Column("line_id", Integer, primary_key=True),
    _text("item_id"),
    _text("name"),
    _text("kind"),
    _number("quantity"),
    _number("unit_price_cents"),
    _number("total_cents"),
    _text("tax_class"),
    _number("tax_rate_bp"),
    Column("code", Text),
    _text("modifiers"),
    Column("volume_ml", Integer),
    Column("unit_price_mills", Integer),
    _number("is_voided"),
    Column("weight_g", Integer),
    Column("price_per_kg_cents", Integer),
    _number("deposit_cents", 0),
    _text("discounts", "[]"),
    _text("lot", ""),
    _text("serial", ""),
    has_rowid=False,
)

receipts = _table(
    "receipts",
    Column("number", Integer, primary_key=True),
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), nullable=False),
    _text("terminal"),
    _text("day"),
    _number("paid_at"),
    _number("total_cents"),
    _text("by"),
    # Where the whole receipt stands in the journal; a copy of it here would be a third of the file.
    _number("seq"),
    Index("receipts_by_basket", "basket_id", unique=True),
    Index("receipts_by_day", "day"),
)

tenders = _table(
    "tenders",
    Column("receipt_number", Integer, ForeignKey("receipts.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("kind"),
    _number("amount_cents"),
    _number("received_cents"),
    _number("change_cents"),
    has_rowid=False,
)

taxes = _table(
    "taxes",
    Column("receipt_number", Integer, ForeignKey("receipts.number"), primary_key=True),
    _text("tax_class", primary_key=True),
    Column("tax_rate_bp", Integer, primary_key=True),
    _number("net_cents"),
    _number("tax_cents"),
    _number("gross_cents"),
    has_rowid=False,
)

print_jobs = _table(
    "print_jobs",
    _text("job_id", primary_key=True),
    Column("receipt_number", Integer, ForeignKey("receipts.number"), nullable=False),
    _text("printer"),
    _text("terminal"),
    _text("language"),
    _text("asked_by"),
    _number("asked_at"),
    _text("state"),
    Column("outcome", Text),
    _number("has_begun", 0),
    _number("is_duplicate", 0),
    Column("ended_at", Integer),
    Index("print_jobs_by_receipt", "receipt_number", "asked_at"),
    Index("print_jobs_open", "asked_at", sqlite_where=text("state IN ('waiting', 'failed', 'unknown')")),
    has_rowid=False,
)

# Money by quarter of an hour (zones differ by quarters) and kind of item, '' being the whole: a day's takings are
# read from at most 400 rows, however many receipts it has.
takings = _table(
    "takings",
    _text("day", primary_key=True),
    Column("slot_at", Integer, primary_key=True),
    _text("kind", primary_key=True),
    _number("receipts"),
    _number("cents"),
    has_rowid=False,
)

# Every payment that was ever asked for, those that came to nothing too: what the readers still owe us a word about is
# found here after a restart.
payments = _table(
    "payments",
    _text("payment_id", primary_key=True),
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), nullable=False),
    _text("terminal"),
    _number("position"),
    _text("kind"),
    _number("amount_cents"),
    _text("state"),
    _number("asked_at"),
    _text("reference"),
    _text("masked"),
    _text("scheme"),
    _text("reason"),
    _text("display"),
    _number("received_cents"),
    _number("change_cents"),
    _text("refunds"),
    Index("payments_by_basket", "basket_id", "position"),
    Index("payments_of_refunds", "refunds", sqlite_where=text("refunds != ''")),
    Index(
        "payments_unsettled",
        "asked_at",
        sqlite_where=text("state IN ('asked', 'authorising', 'unknown', 'reversing')"),
    ),
    has_rowid=False,
)

# What of a receipt's lines was given back, by refunds under way too.
refunded_lines = _table(
    "refunded_lines",
    Column("receipt_number", Integer, ForeignKey("receipts.number"), primary_key=True),
    Column("line_id", Integer, primary_key=True),
    _number("quantity"),
    _number("cents"),
    has_rowid=False,
)

# '' is what was rounded away or up in cash.
takings_by_tender = _table(
    "takings_by_tender",
    _text("day", primary_key=True),
    _text("tender", primary_key=True),
    _number("cents"),
    has_rowid=False,
)

gift_cards = _table(
    "gift_cards",
    _text("card_id", primary_key=True),
    _text("number_hash"),
    _text("masked"),
    _number("balance_cents"),
    _number("expires_at"),
    has_rowid=False,
)

# Every revision of every promotion, so that an old price can be explained; the one in force is the latest.
promotions = _table(
    "promotions",
    _text("promotion_id", primary_key=True),
    Column("revision", Integer, primary_key=True),
    _text("data"),
    _number("is_latest"),
    Index("promotions_latest", "promotion_id", sqlite_where=text("is_latest = 1")),
    has_rowid=False,
)

coupons = _table(
    "coupons",
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), primary_key=True),
    _text("code", primary_key=True),
    _text("promotion_id"),
    _text("name"),
    _number("is_used", 0),
    Index("coupons_by_code", "code"),
    has_rowid=False,
)

hand_offs = _table(
    "hand_offs",
    _text("fingerprint", primary_key=True),
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), nullable=False),
    _number("expires_at"),
    _text("taken_by", ""),
    Index("hand_offs_by_basket", "basket_id"),
    has_rowid=False,
)

# -- who may come in --

staff = _table(
    "staff",
    _text("name", primary_key=True),
    _text("folded"),
    _text("role"),
    _text("secret_kind"),
    _text("fingerprint"),
    _number("added_at"),
    _number("is_retired", 0),
    Index("staff_by_folded", "folded", unique=True),
    has_rowid=False,
)

sessions = _table(
    "sessions",
    _text("session_id", primary_key=True),
    _text("person"),
    _text("role"),
    _text("source"),
    _text("fingerprint"),
    _number("began_at"),
    _number("kept_at"),
    _number("age_s", 0),
    _number("idle_s", 0),
    Index("sessions_by_person", "person", "began_at"),
    has_rowid=False,
)

wrong_tries = _table(
    "wrong_tries",
    _text("subject", primary_key=True),
    _number("tries"),
    _number("locked_s"),
    has_rowid=False,
)

network_orders = _table(
    "network_orders",
    _text("network", primary_key=True),
    _text("treatment"),
    _text("why"),
    _text("by"),
    _number("ordered_at"),
    Column("lasts_s", Integer),
    has_rowid=False,
)

# What the journal must not keep for ever: hashes of PINs and passwords, and of session tokens. Events carry the
# fingerprint of each (its SHA-256), by which `verify` proves these rows too; see secrets.py.
secrets = _table("secrets", _text("owner", primary_key=True), _text("value"), has_rowid=False)

# -- catalog --

# What is picked from pictures at a scale: sold by weight, or by a PLU (4 or 5 digits). Queries repeat it word by word,
# or the indexes below are not used.
PRODUCE = "kind = 'grocery' AND is_withdrawn = 0 AND (price_per_kg_cents IS NOT NULL OR length(code) IN (4, 5))"

items = _table(
    "items",
    Column("row_id", Integer, primary_key=True),
    _text("item_id"),
    _text("name"),
    _text("folded"),
    _text("kind"),
    Column("code", Text),
    Column("price_cents", Integer),
    Column("unit_price_mills", Integer),
    _text("tax_class"),
    _text("category"),
    _text("modifier_groups"),
    _text("allergens"),
    _text("picture"),
    Column("price_per_kg_cents", Integer),
    Column("weight_g", Integer),
    Column("minimum_age", Integer),
    Column("max_quantity", Integer),
    _number("deposit_cents", 0),
    _number("is_withdrawn", 0),
    _text("bagging", "weighed"),
    _number("tare_g", 0),
    _number("sold", 0),
    _number("changed_seq", 0),
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

interventions = _table(
    "interventions",
    _text("intervention_id", primary_key=True),
    _text("kind"),
    _text("terminal"),
    _number("raised_at"),
    Column("basket_id", Text),
    Column("amount_cents", Integer),
    Column("outcome", Text),
    Column("resolved_at", Integer),
    _text("resolved_by"),
    _text("note"),
    _text("evidence", "{}"),
    _text("claimed_by", ""),
    Column("claimed_at", Integer),
    _number("is_holding_scanning", 0),
    _number("is_holding_paying", 0),
    Index("interventions_open", "raised_at", sqlite_where=text("outcome IS NULL")),
    Index("interventions_by_basket", "basket_id", sqlite_where=text("basket_id IS NOT NULL")),
    has_rowid=False,
)

# What lies in the bagging area of a basket and is no item of it: bags and accepted differences.
bagging = _table("bagging", _text("basket_id", primary_key=True), _number("tare_g"), has_rowid=False)

# What of a basket may stay out of the bagging area.
bagging_skips = _table(
    "bagging_skips",
    _text("basket_id", primary_key=True),
    Column("line_id", Integer, primary_key=True),
    _number("pieces"),
    has_rowid=False,
)

# What one piece of an item weighs, as learned: the median of `samples`, and their median distance from it.
weights = _table(
    "weights",
    _text("item_id", primary_key=True),
    _number("weight_g"),
    _number("spread_g"),
    _text("samples"),
    has_rowid=False,
)

tickets = _table(
    "tickets",
    _text("ticket_id", primary_key=True),
    _number("number"),
    _text("day"),
    _text("basket_id"),
    _text("terminal"),
    _text("state"),
    _text("lines"),
    _number("fired_at"),
    _number("moved_at"),
    _text("moved_by"),
    Index("tickets_by_number", "day", "number"),
    Index("tickets_by_basket", "basket_id"),
    Index("tickets_by_state", "state", "moved_at"),
    has_rowid=False,
)

days = _table("days", _text("day", primary_key=True), _number("opened_at"), has_rowid=False)

# Singletons of the house, such as is_simulating.
house = _table("house", _text("name", primary_key=True), _text("value"), has_rowid=False)

_NOT_STATE = (journal, command_keys, store_facts, secrets)
STATE_TABLES = tuple(table for table in metadata.sorted_tables if table not in _NOT_STATE)
