"""what somebody does not want to be sent by itself"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    for name in ("morning_list", "weekly_page"):
        op.add_column("staff", sa.Column(name, sa.Boolean(), nullable=True))


def downgrade() -> None:
    for name in ("weekly_page", "morning_list"):
        op.drop_column("staff", name)
