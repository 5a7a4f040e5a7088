"""The first schema. Frozen: what changes later is a revision of its own."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE baskets (
    basket_id TEXT NOT NULL,
    terminal TEXT NOT NULL,
    state TEXT NOT NULL,
    day TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    tender TEXT,
    is_released INTEGER DEFAULT 0 NOT NULL,
    receipt_number INTEGER,
    items INTEGER DEFAULT 0 NOT NULL,
    total_cents INTEGER DEFAULT 0 NOT NULL,
    due_cents INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (basket_id)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE INDEX baskets_suspended ON baskets (opened_at) WHERE state = 'suspended'
""",
    """
CREATE TABLE command_keys (
    row_id INTEGER NOT NULL,
    identity TEXT NOT NULL,
    "key" TEXT NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    reply BLOB NOT NULL,
    PRIMARY KEY (row_id)
)
 STRICT
""",
    """
CREATE UNIQUE INDEX command_keys_by_sender ON command_keys (identity, "key")
""",
    """
CREATE TABLE days (
    day TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (day)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE fuellings (
    terminal TEXT NOT NULL,
    transaction_number INTEGER NOT NULL,
    basket_id TEXT NOT NULL,
    grade_id TEXT NOT NULL,
    volume_ml INTEGER NOT NULL,
    unit_price_mills INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    PRIMARY KEY (terminal, transaction_number)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE INDEX fuellings_by_basket ON fuellings (basket_id)
""",
    """
CREATE TABLE house (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE interventions (
    intervention_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    terminal TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    basket_id TEXT,
    amount_cents INTEGER,
    outcome TEXT,
    resolved_at INTEGER,
    resolved_by TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (intervention_id)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE INDEX interventions_open ON interventions (raised_at) WHERE outcome IS NULL
""",
    """
CREATE TABLE items (
    row_id INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT,
    price_cents INTEGER,
    unit_price_mills INTEGER,
    tax_class TEXT NOT NULL,
    category TEXT NOT NULL,
    modifier_groups TEXT NOT NULL,
    allergens TEXT NOT NULL,
    picture TEXT NOT NULL,
    PRIMARY KEY (row_id)
)
 STRICT
""",
    """
CREATE INDEX items_by_code ON items (code) WHERE code IS NOT NULL
""",
    """
CREATE UNIQUE INDEX items_by_id ON items (item_id)
""",
    """
CREATE INDEX items_by_kind ON items (kind)
""",
    """
CREATE TABLE journal (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    terminal TEXT NOT NULL,
    data TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (seq)
)
 STRICT
""",
    """
CREATE TABLE points (
    terminal TEXT NOT NULL,
    state TEXT NOT NULL,
    grade_id TEXT,
    grade_name TEXT,
    grade_mills INTEGER,
    transaction_number INTEGER NOT NULL,
    volume_ml INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL,
    limit_cents INTEGER,
    unpaid TEXT NOT NULL,
    is_hung INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (terminal)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE store_facts (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE takings (
    day TEXT NOT NULL,
    slot_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    receipts INTEGER NOT NULL,
    cents INTEGER NOT NULL,
    PRIMARY KEY (day, slot_at, kind)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE terminals (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    enrolment TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since INTEGER NOT NULL,
    token_hash TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    basket_id TEXT,
    PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE UNIQUE INDEX terminals_by_token ON terminals (token_hash) WHERE token_hash != ''
""",
    """
CREATE TABLE tickets (
    ticket_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    day TEXT NOT NULL,
    basket_id TEXT NOT NULL,
    terminal TEXT NOT NULL,
    state TEXT NOT NULL,
    lines TEXT NOT NULL,
    fired_at INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    moved_by TEXT NOT NULL,
    PRIMARY KEY (ticket_id)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE INDEX tickets_by_basket ON tickets (basket_id)
""",
    """
CREATE INDEX tickets_by_number ON tickets (day, number)
""",
    """
CREATE INDEX tickets_by_state ON tickets (state, moved_at)
""",
    """
CREATE TABLE lines (
    basket_id TEXT NOT NULL,
    line_id INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price_cents INTEGER NOT NULL,
    total_cents INTEGER NOT NULL,
    tax_class TEXT NOT NULL,
    tax_rate_bp INTEGER NOT NULL,
    code TEXT,
    modifiers TEXT NOT NULL,
    volume_ml INTEGER,
    unit_price_mills INTEGER,
    is_voided INTEGER NOT NULL,
    PRIMARY KEY (basket_id, line_id),
    FOREIGN KEY(basket_id) REFERENCES baskets (basket_id)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE receipts (
    number INTEGER NOT NULL,
    basket_id TEXT NOT NULL,
    terminal TEXT NOT NULL,
    day TEXT NOT NULL,
    paid_at INTEGER NOT NULL,
    total_cents INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (number),
    FOREIGN KEY(basket_id) REFERENCES baskets (basket_id)
)
 STRICT
""",
    """
CREATE UNIQUE INDEX receipts_by_basket ON receipts (basket_id)
""",
    """
CREATE INDEX receipts_by_day ON receipts (day)
""",
    """
CREATE TABLE taxes (
    receipt_number INTEGER NOT NULL,
    tax_class TEXT NOT NULL,
    tax_rate_bp INTEGER NOT NULL,
    net_cents INTEGER NOT NULL,
    tax_cents INTEGER NOT NULL,
    gross_cents INTEGER NOT NULL,
    PRIMARY KEY (receipt_number, tax_class, tax_rate_bp),
    FOREIGN KEY(receipt_number) REFERENCES receipts (number)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE tenders (
    receipt_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    received_cents INTEGER NOT NULL,
    change_cents INTEGER NOT NULL,
    PRIMARY KEY (receipt_number, position),
    FOREIGN KEY(receipt_number) REFERENCES receipts (number)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE VIRTUAL TABLE items_search USING fts5(folded, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3')
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
