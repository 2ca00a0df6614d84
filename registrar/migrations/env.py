"""How Alembic runs our migrations: on the engine it is handed, in one transaction."""

from alembic import context

from registrar.models import Base

engine = context.config.attributes["engine"]

with engine.begin() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
