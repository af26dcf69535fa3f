"""code names of customers marked 涉密, and the names that customers had before"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("customer", sa.Column("code_name", sa.String(), nullable=True))
    op.create_index("ix_customer_code_name", "customer", ["code_name"], unique=True)
    op.create_table(
        "former_name",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("customer_id", "name"),
    )


def downgrade() -> None:
    op.drop_table("former_name")
    op.drop_index("ix_customer_code_name", "customer")
    op.drop_column("customer", "code_name")
