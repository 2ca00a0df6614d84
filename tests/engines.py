"""What need not be done anew for each test's database? SQLAlchemy writes each statement as SQL once for an engine; a test has its own.

The engines of a process share what was written already, as all of a worker's transactions do: that is a third of the time
of a test with a database. They share nothing else: each has its connections, its file or its database, and its events.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import URL, Engine, event

_first: dict[str, Engine] = {}
"""By the backend's name: the engine whose dialect is met with the others; one that has reached its database."""
_written: dict[Any, Any] = {}


def create_engine(url: str | URL, **options: Any) -> Engine:
    """Make an engine as SQLAlchemy does, which writes no statement that another one has written.

    What is written is kept by dialect, so the dialect is shared too. It knows nothing of an engine but what kind of server
    it speaks to, and learns that at its first connection.
    """
    engine = sqlalchemy.create_engine(url, **options)
    first = _first.get(engine.name)
    if first is None:
        event.listen(engine, "first_connect", lambda *_: _first.setdefault(engine.name, engine))
    else:
        engine.dialect = first.dialect
    engine.update_execution_options(compiled_cache=_written)
    return engine
