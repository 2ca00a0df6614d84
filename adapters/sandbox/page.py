"""What may one transaction on a registrar's books read and change? All that one command does stands on one `Page`.

A registry's policy (which code, which status, whether a thing is done at once) belongs to its server; a page keeps what
every registry has: names, contacts, the deposit, what is pending, messages, the journal.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.records import (
    Charge,
    Contact,
    Domain,
    Host,
    Message,
    Operation,
    as_text,
    charge_from,
    contact_from,
    domain_from,
    host_from,
    message_from,
    operation_from,
    to_row,
)

Row = dict[str, Any]


class DepositEmptyError(Exception):
    """The deposit does not cover this; nothing was charged."""


class Page:
    """One transaction on the books, at one time (`now`, aware UTC). Got from `Books.page`; not shared by threads."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self.now = now
        self._connection = connection

    # --- the account ---

    @property
    def client_id(self) -> str:
        """The reseller whose deposit and charges these books keep."""
        return str(self._one("SELECT client_id FROM account")["client_id"])

    @property
    def balance(self) -> int:
        """What is left of the deposit."""
        return int(self._one("SELECT balance FROM account")["balance"])

    @property
    def unit(self) -> str:
        """What the deposit is counted in: a currency's code, in its minor units, or IRNIC's unit."""
        return str(self._one("SELECT unit FROM account")["unit"])

    def top_up(self, amount: int) -> None:
        """Pay into the deposit."""
        self._connection.execute("UPDATE account SET balance = balance + ?", (amount,))

    def charge(self, command: str, name: str, *, months: int, amount: int, client_transaction_id: str) -> int:
        """Take `amount` from the deposit and write the line; return its id.

        Raises DepositEmptyError, having changed nothing, when the deposit does not cover it.
        """
        paid = self._connection.execute(
            "UPDATE account SET balance = balance - ? WHERE balance >= ?", (amount, amount)
        )
        if paid.rowcount != 1:
            raise DepositEmptyError(name)
        return self._insert(
            "charges",
            at=as_text(self.now),
            client_transaction_id=client_transaction_id,
            command=command,
            name=name,
            months=months,
            amount=amount,
            unit=self._one("SELECT unit FROM account")["unit"],
        )

    def refund(self, charge_id: int) -> int:
        """Give a charge back, once (a second time raises sqlite3.IntegrityError); return the id of the new line."""
        charge = self._one("SELECT * FROM charges WHERE id = ?", charge_id)
        self._connection.execute("UPDATE account SET balance = balance + ?", (charge["amount"],))
        kept = ("client_transaction_id", "command", "name", "months", "unit")
        return self._insert(
            "charges",
            at=as_text(self.now),
            amount=-charge["amount"],
            refund_of=charge_id,
            **{column: charge[column] for column in kept},
        )

    def charges(self, name: str | None = None) -> tuple[Charge, ...]:
        """Read the deposit's statement, of one name or of all, oldest first; refunds are negative."""
        rows = self._connection.execute(
            "SELECT * FROM charges WHERE ? IS NULL OR name = ? ORDER BY id", (name, name)
        )
        return tuple(map(charge_from, rows))

    # --- names, contacts, hosts ---

    def new_roid(self, prefix: str) -> str:
        """Make an object id that no other object of these books has, beginning with `prefix`."""
        number = self._insert("roids")
        return f"{prefix}{number}-SANDBOX"

    def domain(self, name: str) -> Domain | None:
        """Look a name up as it is now."""
        row = self._maybe("SELECT * FROM domains WHERE name = ?", name)
        return None if row is None else domain_from(row)

    def domains(self) -> tuple[Domain, ...]:
        """List all names, whoever's they are, by name."""
        return tuple(map(domain_from, self._connection.execute("SELECT * FROM domains ORDER BY name")))

    def domain_before_change(self, name: str, within: float | None = None) -> Domain | None:
        """Look a name up as it was before its last change, if that is younger than `within` seconds (None: any age)."""
        row = self._maybe("SELECT * FROM before_change WHERE name = ?", name)
        if row is None or (within is not None and self._ago(within) >= row["changed_at"]):
            return self.domain(name)
        return None if row["domain"] is None else domain_from(json.loads(row["domain"]))

    def save(self, domain: Domain) -> None:
        """Write a name's state, keeping the one before it for `domain_before_change`."""
        self._keep_before_change(domain.name)
        self._replace("domains", to_row(domain))

    def seed(self, domain: Domain) -> None:
        """Write a name's state as if it had always been so: no change for a look to lag behind."""
        self._replace("domains", to_row(domain))

    def remove(self, name: str) -> None:
        """Take a name out of the books: it is free again."""
        self._keep_before_change(name)
        self._connection.execute("DELETE FROM domains WHERE name = ?", (name,))

    def contact(self, contact_id: str) -> Contact | None:
        """Look a contact up."""
        row = self._maybe("SELECT * FROM contacts WHERE id = ?", contact_id)
        return None if row is None else contact_from(row)

    def contacts(self) -> tuple[Contact, ...]:
        """List all contacts, by id."""
        return tuple(map(contact_from, self._connection.execute("SELECT * FROM contacts ORDER BY id")))

    def save_contact(self, contact: Contact) -> None:
        """Write a contact."""
        self._replace("contacts", to_row(contact))

    def host(self, name: str) -> Host | None:
        """Look a host object up."""
        row = self._maybe("SELECT * FROM hosts WHERE name = ?", name)
        return None if row is None else host_from(row)

    def save_host(self, host: Host) -> None:
        """Write a host object."""
        self._replace("hosts", to_row(host))

    # --- what is decided later ---

    def open_operation(
        self,
        command: str,
        name: str,
        *,
        months: int,
        client_id: str,
        client_transaction_id: str,
        server_transaction_id: str,
        charge_id: int | None,
        verdicts: Sequence[str],
        every_seconds: float,
        detail: Mapping[str, Any] | None = None,
    ) -> Operation:
        """Write down something accepted whose verdicts fall every `every_seconds` from now.

        With no verdicts it stays pending until `Books.approve` or `Books.reject`.
        """
        operation_id = self._insert(
            "operations",
            name=name,
            command=command,
            months=months,
            client_id=client_id,
            client_transaction_id=client_transaction_id,
            server_transaction_id=server_transaction_id,
            charge_id=charge_id,
            opened_at=as_text(self.now),
            due_at=as_text(self.now + timedelta(seconds=every_seconds)) if verdicts else None,
            every_seconds=every_seconds,
            verdicts=json.dumps(list(verdicts)),
            state="pending",
            detail=json.dumps(dict(detail or {})),
        )
        return operation_from(self._one("SELECT * FROM operations WHERE id = ?", operation_id))

    def last_operation(self, name: str, command: str | None = None) -> Operation | None:
        """Find the newest operation on a name, of one command or of any."""
        row = self._maybe(
            "SELECT * FROM operations WHERE name = ? AND (? IS NULL OR command = ?) ORDER BY id DESC LIMIT 1",
            name,
            command,
            command,
        )
        return None if row is None else operation_from(row)

    def operations(self) -> tuple[Operation, ...]:
        """List all that was ever left to be decided, decided or not, oldest first."""
        return tuple(map(operation_from, self._connection.execute("SELECT * FROM operations ORDER BY id")))

    def due_operations(self) -> tuple[Operation, ...]:
        """Find those whose next verdict (`verdicts[0]`) falls now, the oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM operations WHERE due_at <= ? ORDER BY due_at, id", (as_text(self.now),)
        )
        return tuple(map(operation_from, rows))

    def decide(self, operation: Operation, state: str, *, charge_id: int | None = None) -> None:
        """Write down what an operation came to (`pending` while documents are awaited), and go on to its next verdict.

        `charge_id` replaces the operation's charge, for an approval that comes after a rejection gave it back.
        """
        later = operation.verdicts[1:]
        due_at = self.now + timedelta(seconds=operation.every_seconds) if later else None
        self._connection.execute(
            "UPDATE operations SET state = ?, decided_at = ?, due_at = ?, verdicts = ?,"
            " charge_id = coalesce(?, charge_id) WHERE id = ?",
            (
                state,
                as_text(self.now),
                None if due_at is None else as_text(due_at),
                json.dumps(later),
                charge_id,
                operation.id,
            ),
        )

    def bring_forward(self, name: str, verdict: str) -> None:
        """Let this be the one verdict still to come on a name's newest operation, and let it fall at once."""
        operation = self.last_operation(name)
        if operation is None:
            raise LookupError(f"nothing was ever left pending on {name}")
        # Due since it was opened: whatever clock the server goes by, that has passed.
        self._connection.execute(
            "UPDATE operations SET verdicts = ?, due_at = opened_at WHERE id = ?",
            (json.dumps([verdict]), operation.id),
        )

    # --- messages ---

    def queue_message(
        self,
        kind: str,
        text: str,
        *,
        name: str | None = None,
        body: Mapping[str, Any] | None = None,
        client_id: str | None = None,
    ) -> int:
        """Leave a message for a reseller (ours, unless told) and return its id."""
        return self._insert(
            "messages",
            client_id=client_id or self.client_id,
            queued_at=as_text(self.now),
            name=name,
            kind=kind,
            text=text,
            body=json.dumps(dict(body or {})),
        )

    def first_message(self, client_id: str | None = None) -> Message | None:
        """Find the oldest message that is not acknowledged; the same one until it is."""
        row = self._maybe(
            "SELECT * FROM messages WHERE client_id = ? AND acknowledged_at IS NULL ORDER BY id LIMIT 1",
            client_id or self.client_id,
        )
        return None if row is None else message_from(row)

    def messages_waiting(self, client_id: str | None = None) -> int:
        """Count the messages that are not acknowledged."""
        row = self._one(
            "SELECT count(*) AS waiting FROM messages WHERE client_id = ? AND acknowledged_at IS NULL",
            client_id or self.client_id,
        )
        return int(row["waiting"])

    def acknowledge(self, message_id: int, client_id: str | None = None) -> bool:
        """Take a message out of the queue; False when no such message waits."""
        done = self._connection.execute(
            "UPDATE messages SET acknowledged_at = ? WHERE id = ? AND client_id = ? AND acknowledged_at IS NULL",
            (as_text(self.now), message_id, client_id or self.client_id),
        )
        return done.rowcount == 1

    # --- the journal and what goes wrong ---

    def receive(
        self, command: str, *, session: str, name: str | None = None, client_transaction_id: str | None = None
    ) -> int:
        """Journal a command as it arrives and return its number."""
        return self._insert(
            "journal",
            at=as_text(self.now),
            session=session,
            command=command,
            name=name,
            client_transaction_id=client_transaction_id,
        )

    def answered(self, number: int, result_code: int) -> None:
        """Journal the result code that a command was answered with."""
        self._connection.execute("UPDATE journal SET result_code = ? WHERE number = ?", (result_code, number))

    def seen_before(self, client_transaction_id: str, *, number: int) -> bool:
        """Tell whether an earlier command than `number` carried this transaction id."""
        row = self._maybe(
            "SELECT 1 FROM journal WHERE client_transaction_id = ? AND number < ? LIMIT 1",
            client_transaction_id,
            number,
        )
        return row is not None

    def order_misbehaviour(
        self,
        behaviour: Behaviour,
        *,
        command: str | None,
        name: str | None,
        number: int | None,
        argument: str,
        times: int,
    ) -> None:
        """Write down a misbehaviour for the next `times` commands that fit."""
        self._insert(
            "misbehaviours",
            command=command,
            name=name,
            number=number,
            behaviour=behaviour.value,
            argument=argument,
            times=times,
        )

    def withdraw_misbehaviours(self) -> None:
        """Take back every misbehaviour that is still to come."""
        self._connection.execute("UPDATE misbehaviours SET times = 0")

    def take_misbehaviour(
        self,
        among: Collection[Behaviour],
        *,
        command: str,
        names: Sequence[str] = (),
        number: int | None = None,
    ) -> Misbehaviour | None:
        """Use up one time of the oldest misbehaviour, among these, that fits this command."""
        marks = ", ".join("?" * len(among))
        name_marks = ", ".join("?" * len(names))
        row = self._maybe(
            "SELECT * FROM misbehaviours WHERE times > 0"  # noqa: S608 - only question marks are put in
            f" AND behaviour IN ({marks}) AND (command IS NULL OR command = ?)"
            f" AND (name IS NULL OR name IN ({name_marks})) AND (number IS NULL OR number = ?)"
            " ORDER BY id LIMIT 1",
            *among,
            command,
            *names,
            number,
        )
        if row is None:
            return None
        self._connection.execute("UPDATE misbehaviours SET times = times - 1 WHERE id = ?", (row["id"],))
        return Misbehaviour(Behaviour(row["behaviour"]), row["argument"])

    # --- plain SQL ---

    def _ago(self, seconds: float) -> str:
        return as_text(self.now - timedelta(seconds=seconds))

    def _keep_before_change(self, name: str) -> None:
        row = self._maybe("SELECT * FROM domains WHERE name = ?", name)
        before = None if row is None else json.dumps(row)
        self._replace("before_change", {"name": name, "changed_at": as_text(self.now), "domain": before})

    def _maybe(self, statement: str, *values: Any) -> Row | None:
        row: Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def _one(self, statement: str, *values: Any) -> Row:
        row = self._maybe(statement, *values)
        if row is None:
            raise LookupError(statement, values)
        return row

    def _insert(self, table: str, **columns: Any) -> int:
        return self._put("INSERT", table, columns)

    def _replace(self, table: str, columns: Mapping[str, Any]) -> None:
        self._put("INSERT OR REPLACE", table, columns)

    def _put(self, verb: str, table: str, columns: Mapping[str, Any]) -> int:
        if not columns:
            return int(self._connection.execute(f"{verb} INTO {table} DEFAULT VALUES").lastrowid or 0)
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        written = self._connection.execute(
            f"{verb} INTO {table} ({names}) VALUES ({marks})",  # our own words, never a client's
            tuple(columns.values()),
        )
        return int(written.lastrowid or 0)
