"""Alembic's environment: migrations run within the transaction of the connection that they are given."""

from __future__ import annotations

from alembic import context

from monitor.store.migrations import VERSION_TABLE
from monitor.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
