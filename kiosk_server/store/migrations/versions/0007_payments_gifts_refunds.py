"""Payments one by one, gift cards, what was refunded, and the takings of a day by tender."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE baskets ADD COLUMN has_payments INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE baskets ADD COLUMN refund_of INTEGER",
    "ALTER TABLE baskets ADD COLUMN reason TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE baskets ADD COLUMN refunded_by TEXT DEFAULT '' NOT NULL",
    """
CREATE TABLE payments (
    payment_id TEXT NOT NULL,
    basket_id TEXT NOT NULL,
    terminal TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    reference TEXT NOT NULL,
    masked TEXT NOT NULL,
    scheme TEXT NOT NULL,
    reason TEXT NOT NULL,
    display TEXT NOT NULL,
    received_cents INTEGER NOT NULL,
    change_cents INTEGER NOT NULL,
    refunds TEXT NOT NULL,
    PRIMARY KEY (payment_id),
    FOREIGN KEY(basket_id) REFERENCES baskets (basket_id)
)
 WITHOUT ROWID,
 STRICT
""",
    "CREATE INDEX payments_by_basket ON payments (basket_id, position)",
    "CREATE INDEX payments_of_refunds ON payments (refunds) WHERE refunds != ''",
    "CREATE INDEX payments_unsettled ON payments (asked_at) "
    "WHERE state IN ('asked', 'authorising', 'unknown', 'reversing')",
    """
CREATE TABLE refunded_lines (
    receipt_number INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    cents INTEGER NOT NULL,
    PRIMARY KEY (receipt_number, line_id),
    FOREIGN KEY(receipt_number) REFERENCES receipts (number)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE takings_by_tender (
    day TEXT NOT NULL,
    tender TEXT NOT NULL,
    cents INTEGER NOT NULL,
    PRIMARY KEY (day, tender)
)
 WITHOUT ROWID,
 STRICT
""",
    # What the projection would have added up, had it been there.
    "INSERT INTO takings_by_tender (day, tender, cents) SELECT receipts.day, tenders.kind, sum(tenders.amount_cents) "
    "FROM receipts JOIN tenders ON tenders.receipt_number = receipts.number GROUP BY receipts.day, tenders.kind",
    """
CREATE TABLE gift_cards (
    card_id TEXT NOT NULL,
    number_hash TEXT NOT NULL,
    masked TEXT NOT NULL,
    balance_cents INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (card_id)
)
 WITHOUT ROWID,
 STRICT
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
