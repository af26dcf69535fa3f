"""Alembic's environment: it runs on the connection that `Store.upgrade` hands over, in one transaction."""

from typing import Any

from alembic import context
from sqlmodel import SQLModel

import models

TABLES = SQLModel.metadata if models else None


def batch_on_sqlite(connection: Any) -> None:
    context.configure(connection=connection, target_metadata=TABLES, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


batch_on_sqlite(context.config.attributes["connection"])
