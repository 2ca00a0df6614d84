"""Does any place that is kept hold a secret? Everything is gathered as bytes, and searched for each secret in every form.

What is searched: every column of every table, the database's files, the processes' logs, what faces answered, and Redis:
both what lies there and every command that it was ever sent.
"""

import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from redis import Redis
from sqlalchemy import MetaData, NullPool, create_engine, select


def forms(secret: str) -> set[bytes]:
    """Return the ways in which a secret may stand in bytes: plain, escaped, percent-encoded, in base64, in hexadecimal."""
    plain = secret.encode()
    texts = {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), escape(secret, quote=False)}
    texts |= {dumps(secret)[1:-1], repr(secret)[1:-1], plain.hex()}
    return {text.encode() for text in texts} | set(_in_base64(plain))


def leaks(haystack: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """Say which secret stands where."""
    return [
        f"{name} stands in {place}"
        for name, secret in secrets.items()
        for place, content in haystack.items()
        if any(form in content for form in forms(secret))
    ]


def of_database(url: str) -> dict[str, bytes]:
    """Return every table's rows, whole, and a SQLite database's files."""
    engine = create_engine(url, poolclass=NullPool)
    tables = MetaData()
    tables.reflect(engine)
    found: dict[str, bytes] = {}
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            rows = connection.execute(select(table)).mappings()
            for number, row in enumerate(rows):
                for column, value in row.items():
                    # As text of text: JSON columns come back as objects, and are searched as they are written.
                    found[f"{table.name}.{column} (row {number})"] = (
                        f"{value}\n{dumps(value, default=str, ensure_ascii=False)}".encode()
                    )
    if engine.url.get_backend_name() == "sqlite" and engine.url.database:
        path = Path(engine.url.database)
        found |= {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*")}
    return found


def of_files(*paths: Path) -> dict[str, bytes]:
    """Return files' contents."""
    return {path.name: path.read_bytes() for path in paths}


def of_redis(url: str) -> dict[str, bytes]:
    """Return every key of a Redis with its value."""
    with Redis.from_url(url) as client:
        return {f"redis {key!r}": key + b"\n" + _value(client, key) for key in client.scan_iter(count=1000)}


@contextmanager
def monitored(url: str) -> Iterator[list[bytes]]:
    """Collect every command that a Redis is sent while the block lasts."""
    told: list[bytes] = []
    with Redis.from_url(url, socket_timeout=None) as client, client.monitor() as monitor:  # it may be silent

        def listen() -> None:
            for command in monitor.listen():
                told.append(str(command["command"]).encode())
                if command["command"] == "ECHO enough":
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield told
        finally:
            with Redis.from_url(url) as other:
                other.echo("enough")
            listener.join(10)


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """Yield what stands in a longer text's base64 for certain, wherever the secret begins in it."""
    for offset in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(offset) + plain)
            first = 0 if offset == 0 else 4
            yield encoded[first : len(encoded) - 4]


def _value(client: Any, key: bytes) -> bytes:
    """Read a key of any type; `client` is untyped, as its answers are."""
    readers = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"set": client.smembers,
        b"zset": lambda name: client.zrange(name, 0, -1, withscores=True),
        b"none": lambda _: "taken off meanwhile",
    }
    return repr(readers[client.type(key)](key)).encode()
