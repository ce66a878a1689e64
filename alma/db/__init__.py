"""Storage behind the ports of the core: tables, repositories and migrations, SQLite or PostgreSQL.

The only place that knows SQL, so that a change of schema or of database is a change here alone.
"""
