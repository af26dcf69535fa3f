"""taking back and correcting, filing of new customers"""

from alembic import op

revision = '0002a'
down_revision = '0001'


def upgrade() -> None:
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_entry_withdraws'), ['withdraws'], unique=True)


def downgrade() -> None:
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_entry_withdraws'))
