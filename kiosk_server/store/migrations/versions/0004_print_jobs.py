"""Receipts on their way to paper."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE print_jobs (
    job_id TEXT NOT NULL,
    receipt_number INTEGER NOT NULL,
    printer TEXT NOT NULL,
    terminal TEXT NOT NULL,
    language TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    has_begun INTEGER DEFAULT 0 NOT NULL,
    is_duplicate INTEGER DEFAULT 0 NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (job_id),
    FOREIGN KEY(receipt_number) REFERENCES receipts (number)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE INDEX print_jobs_by_receipt ON print_jobs (receipt_number, asked_at)
""",
    """
CREATE INDEX print_jobs_open ON print_jobs (asked_at) WHERE state IN ('waiting', 'failed', 'unknown')
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
