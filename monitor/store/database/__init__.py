"""The store on SQLite and on PostgreSQL: one code path, synchronous SQLAlchemy Core."""
