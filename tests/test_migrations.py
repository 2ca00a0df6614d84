"""Does a database that was made by an earlier version keep its rows, and have today's tables?"""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from registrar.database import Database
from registrar.models import Base

FIRST_ORDER = """
INSERT INTO orders (id, key, key_digest, channel, customer, kind, domain, zone, lane, registrar, months, details,
    price_amount, price_currency, payment, paid_at, placed_at, state, state_since, slot, claims, attempt_number, crashes,
    failed_looks, promise_by)
VALUES (7, 'k-7', 'd', 'http', 'c-1', 'renew', 'mina.test', 'test', 'registration', 'far', 12, '{}',
    100, 'IRR', 'outside', '2026-01-01', '2026-01-01', 'placed', '2026-01-01', false, 0, 0, 0, 0, '2026-01-01')
"""


def test_the_migrations_make_the_tables_that_are_mapped(database_url: str) -> None:
    """Nothing is mapped that no migration makes, and nothing is made that is not mapped."""
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    finally:
        database.close()


def test_an_order_of_the_first_schema_goes_on(blank_database_url: str) -> None:
    """An order that was placed before there were several suppliers stays where it was, and goes nowhere else."""
    database = Database(blank_database_url)
    try:
        database.upgrade(to="0001")
        with database.transaction() as connection:
            connection.execute(text(FIRST_ORDER))
        database.upgrade()
        with database.reading() as connection:
            row = connection.execute(text("SELECT registrar, route, state FROM orders WHERE id = 7")).one()
        assert (row.registrar, str(row.route), row.state) == ("far", "[]", "placed")
        assert database.is_current()
    finally:
        database.close()
