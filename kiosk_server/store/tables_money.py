"""The tables of baskets, receipts and all money; see tables.py."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, text

from kiosk_server.store.columns import number, table, words

baskets = table(
    "baskets",
    words("basket_id", primary_key=True),
    words("terminal"),
    words("state"),
    words("day"),
    number("opened_at"),
    Column("tender", Text),
    number("is_released", 0),
    Column("receipt_number", Integer),
    number("items", 0),
    number("total_cents", 0),
    number("due_cents", 0),
    number("has_payments", 0),
    Column("refund_of", Integer),
    words("reason", ""),
    words("refunded_by", ""),
    number("has_coupons", 0),
    number("is_training", 0),
    Index("baskets_suspended", "opened_at", sqlite_where=text("state = 'suspended'")),
    has_rowid=False,
)

lines = table(
    "lines",
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), primary_key=True),
    Column("line_id", Integer, primary_key=True),
    words("item_id"),
    words("name"),
    words("kind"),
    number("quantity"),
    number("unit_price_cents"),
    number("total_cents"),
    words("tax_class"),
    number("tax_rate_bp"),
    Column("code", Text),
    words("modifiers"),
    Column("volume_ml", Integer),
    Column("unit_price_mills", Integer),
    number("is_voided"),
    Column("weight_g", Integer),
    Column("price_per_kg_cents", Integer),
    number("deposit_cents", 0),
    words("discounts", "[]"),
    words("lot", ""),
    words("serial", ""),
    number("peak", 0),
    has_rowid=False,
)

receipts = table(
    "receipts",
    Column("number", Integer, primary_key=True),
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), nullable=False),
    words("terminal"),
    words("day"),
    number("paid_at"),
    number("total_cents"),
    words("by"),
    # Where the whole receipt stands in the journal; a copy of it here would be a third of the file.
    number("seq"),
    Index("receipts_by_basket", "basket_id", unique=True),
    Index("receipts_by_day", "day"),
)

tenders = table(
    "tenders",
    Column("receipt_number", Integer, ForeignKey("receipts.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    words("kind"),
    number("amount_cents"),
    number("received_cents"),
    number("change_cents"),
    has_rowid=False,
)

taxes = table(
    "taxes",
    Column("receipt_number", Integer, ForeignKey("receipts.number"), primary_key=True),
    words("tax_class", primary_key=True),
    Column("tax_rate_bp", Integer, primary_key=True),
    number("net_cents"),
    number("tax_cents"),
    number("gross_cents"),
    has_rowid=False,
)

print_jobs = table(
    "print_jobs",
    words("job_id", primary_key=True),
    Column("receipt_number", Integer, ForeignKey("receipts.number"), nullable=False),
    words("printer"),
    words("terminal"),
    words("language"),
    words("asked_by"),
    number("asked_at"),
    words("state"),
    Column("outcome", Text),
    number("has_begun", 0),
    number("is_duplicate", 0),
    Column("ended_at", Integer),
    Index("print_jobs_by_receipt", "receipt_number", "asked_at"),
    Index("print_jobs_open", "asked_at", sqlite_where=text("state IN ('waiting', 'failed', 'unknown')")),
    has_rowid=False,
)

# Money by quarter of an hour (zones differ by quarters) and kind of item, '' being the whole: a day's takings are
# read from at most 400 rows, however many receipts it has.
takings = table(
    "takings",
    words("day", primary_key=True),
    Column("slot_at", Integer, primary_key=True),
    words("kind", primary_key=True),
    number("receipts"),
    number("cents"),
    has_rowid=False,
)

# Every payment that was ever asked for, those that came to nothing too: what the readers still owe us a word about is
# found here after a restart.
payments = table(
    "payments",
    words("payment_id", primary_key=True),
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), nullable=False),
    words("terminal"),
    number("position"),
    words("kind"),
    number("amount_cents"),
    words("state"),
    number("asked_at"),
    words("reference"),
    words("masked"),
    words("scheme"),
    words("reason"),
    words("display"),
    number("received_cents"),
    number("change_cents"),
    words("refunds"),
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
refunded_lines = table(
    "refunded_lines",
    Column("receipt_number", Integer, ForeignKey("receipts.number"), primary_key=True),
    Column("line_id", Integer, primary_key=True),
    number("quantity"),
    number("cents"),
    has_rowid=False,
)

# '' is what was rounded away or up in cash.
takings_by_tender = table(
    "takings_by_tender",
    words("day", primary_key=True),
    words("tender", primary_key=True),
    number("cents"),
    has_rowid=False,
)

gift_cards = table(
    "gift_cards",
    words("card_id", primary_key=True),
    words("number_hash"),
    words("masked"),
    number("balance_cents"),
    number("expires_at"),
    has_rowid=False,
)

# Every revision of every promotion, so that an old price can be explained; the one in force is the latest.
promotions = table(
    "promotions",
    words("promotion_id", primary_key=True),
    Column("revision", Integer, primary_key=True),
    words("data"),
    number("is_latest"),
    Index("promotions_latest", "promotion_id", sqlite_where=text("is_latest = 1")),
    has_rowid=False,
)

coupons = table(
    "coupons",
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), primary_key=True),
    words("code", primary_key=True),
    words("promotion_id"),
    words("name"),
    number("is_used", 0),
    Index("coupons_by_code", "code"),
    has_rowid=False,
)

hand_offs = table(
    "hand_offs",
    words("fingerprint", primary_key=True),
    Column("basket_id", Text, ForeignKey("baskets.basket_id"), nullable=False),
    number("expires_at"),
    words("taken_by", ""),
    Index("hand_offs_by_basket", "basket_id"),
    has_rowid=False,
)
