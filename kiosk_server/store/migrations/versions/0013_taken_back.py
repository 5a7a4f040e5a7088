"""How many pieces a line had before some were taken back."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE lines ADD COLUMN peak INTEGER DEFAULT 0 NOT NULL")
