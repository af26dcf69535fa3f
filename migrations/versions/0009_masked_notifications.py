"""whether somebody wants names in what is pushed to them shortened"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("staff", sa.Column("masks", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "masks")
