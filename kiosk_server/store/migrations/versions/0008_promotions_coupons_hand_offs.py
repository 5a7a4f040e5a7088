"""Promotions with all their revisions, coupons held by baskets, and baskets that are carried to another lane."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE baskets ADD COLUMN has_coupons INTEGER DEFAULT 0 NOT NULL",
    "CREATE TABLE promotions (promotion_id TEXT NOT NULL, revision INTEGER NOT NULL, data TEXT NOT NULL, "
    "is_latest INTEGER NOT NULL, PRIMARY KEY (promotion_id, revision)) WITHOUT ROWID, STRICT",
    "CREATE INDEX promotions_latest ON promotions (promotion_id) WHERE is_latest = 1",
    "CREATE TABLE coupons (basket_id TEXT NOT NULL, code TEXT NOT NULL, promotion_id TEXT NOT NULL, "
    "name TEXT NOT NULL, is_used INTEGER DEFAULT 0 NOT NULL, PRIMARY KEY (basket_id, code), "
    "FOREIGN KEY(basket_id) REFERENCES baskets (basket_id)) WITHOUT ROWID, STRICT",
    "CREATE INDEX coupons_by_code ON coupons (code)",
    "CREATE TABLE hand_offs (fingerprint TEXT NOT NULL, basket_id TEXT NOT NULL, expires_at INTEGER NOT NULL, "
    "taken_by TEXT DEFAULT '' NOT NULL, PRIMARY KEY (fingerprint), "
    "FOREIGN KEY(basket_id) REFERENCES baskets (basket_id)) WITHOUT ROWID, STRICT",
    "CREATE INDEX hand_offs_by_basket ON hand_offs (basket_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
