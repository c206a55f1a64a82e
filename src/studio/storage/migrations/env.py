"""How Alembic runs the scripts: on the connection that it is given, each script in one transaction.

SQLite can undo changes of a schema like any other; Alembic must be told, and `library/database.py` sees to it that
`BEGIN` is really sent.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
