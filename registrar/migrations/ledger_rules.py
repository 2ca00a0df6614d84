"""What do both databases enforce of the ledger by themselves, whoever writes? (F1)

- Movements, entries, accounts and events are never changed or deleted, nor replaced.
- A movement's amount leaves one account and reaches another: a transaction cannot fail to balance.
- An order's money comes from its own customer's account, or goes to it, and to no other customer's.
- Phase 2 takes or gives back exactly what phase 1 took, from where phase 1 put it, and only once.
- Each movement that touches a customer writes his statement line; the balance never goes below zero.
"""

APPEND_ONLY = ("movements", "entries", "accounts", "events")

_SQLITE = [
    *(
        f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} are append-only: correct a mistake by an opposite line'); END"""
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without asking the DELETE trigger, so a taken key is refused before it gets there.
    """CREATE TRIGGER events_no_replace BEFORE INSERT ON events
       WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER accounts_no_replace BEFORE INSERT ON accounts
       WHEN EXISTS (SELECT 1 FROM accounts WHERE id = NEW.id OR
                    (owner = NEW.owner AND name = NEW.name AND bucket = NEW.bucket AND currency = NEW.currency))
       BEGIN SELECT RAISE(ABORT, 'this account exists'); END""",
    """CREATE TRIGGER movements_no_replace BEFORE INSERT ON movements
       WHEN EXISTS (SELECT 1 FROM movements WHERE id = NEW.id
                    OR (order_id = NEW.order_id AND line = NEW.line AND phase = NEW.phase)
                    OR (kind = NEW.kind AND reference = NEW.reference))
       BEGIN SELECT RAISE(ABORT, 'this movement was made already'); END""",
    """CREATE TRIGGER movements_phase_two BEFORE INSERT ON movements
       WHEN NEW.phase = 2 AND NOT EXISTS (
           SELECT 1 FROM movements WHERE order_id = NEW.order_id AND line = NEW.line AND phase = 1
           AND amount = NEW.amount AND currency = NEW.currency AND to_account = NEW.from_account)
       BEGIN SELECT RAISE(ABORT, 'phase 2 must take exactly what phase 1 put in'); END""",
    """CREATE TRIGGER movements_own_customer BEFORE INSERT ON movements
       WHEN NEW.order_id IS NOT NULL AND EXISTS (
           SELECT 1 FROM accounts WHERE id IN (NEW.from_account, NEW.to_account) AND owner = 'customer'
           AND name <> (SELECT customer FROM orders WHERE id = NEW.order_id))
       BEGIN SELECT RAISE(ABORT, 'the money of an order is its own customer''s'); END""",
    # The balance is checked here too: INSERT OR IGNORE into movements would skip the entry that the CHECK refuses, and
    # keep the movement. House accounts have no entries, so nothing is left that a REPLACE by rowid could push out.
    """CREATE TRIGGER entries_check BEFORE INSERT ON entries
       WHEN NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM entries WHERE account_id = NEW.account_id), 0)
         OR NEW.balance <> NEW.amount + coalesce((SELECT balance FROM entries WHERE account_id = NEW.account_id
                                                  ORDER BY sequence DESC LIMIT 1), 0)
         OR NEW.balance < 0
         OR EXISTS (SELECT 1 FROM entries WHERE movement_id = NEW.movement_id AND account_id = NEW.account_id)
         OR NOT EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account_id AND owner = 'customer')
         OR NOT EXISTS (SELECT 1 FROM movements WHERE id = NEW.movement_id
                        AND ((from_account = NEW.account_id AND amount = -NEW.amount)
                          OR (to_account = NEW.account_id AND amount = NEW.amount)))
       BEGIN SELECT RAISE(ABORT, 'an entry must continue its account by its movement'); END""",
    """CREATE TRIGGER movements_entries AFTER INSERT ON movements BEGIN
       INSERT INTO entries (account_id, sequence, movement_id, amount, balance)
         SELECT id, 1 + coalesce((SELECT max(sequence) FROM entries WHERE account_id = accounts.id), 0), NEW.id, -NEW.amount,
                coalesce((SELECT balance FROM entries WHERE account_id = accounts.id ORDER BY sequence DESC LIMIT 1), 0)
                - NEW.amount
         FROM accounts WHERE id = NEW.from_account AND owner = 'customer';
       INSERT INTO entries (account_id, sequence, movement_id, amount, balance)
         SELECT id, 1 + coalesce((SELECT max(sequence) FROM entries WHERE account_id = accounts.id), 0), NEW.id, NEW.amount,
                coalesce((SELECT balance FROM entries WHERE account_id = accounts.id ORDER BY sequence DESC LIMIT 1), 0)
                + NEW.amount
         FROM accounts WHERE id = NEW.to_account AND owner = 'customer';
       END""",
]

_POSTGRESQL = [
    """CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           RAISE EXCEPTION '% are append-only: correct a mistake by an opposite line', TG_TABLE_NAME
               USING ERRCODE = 'integrity_constraint_violation';
       END $$""",
    *(
        f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"""
        for table in APPEND_ONLY
    ),
    *(
        f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"""
        for table in APPEND_ONLY
    ),
    """CREATE FUNCTION ledger_phase_two() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           IF NEW.phase = 2 AND NOT EXISTS (
               SELECT 1 FROM movements WHERE order_id = NEW.order_id AND line = NEW.line AND phase = 1
               AND amount = NEW.amount AND currency = NEW.currency AND to_account = NEW.from_account)
           THEN
               RAISE EXCEPTION 'phase 2 must take exactly what phase 1 put in'
                   USING ERRCODE = 'integrity_constraint_violation';
           END IF;
           IF NEW.order_id IS NOT NULL AND EXISTS (
               SELECT 1 FROM accounts WHERE id IN (NEW.from_account, NEW.to_account) AND owner = 'customer'
               AND name <> (SELECT customer FROM orders WHERE id = NEW.order_id))
           THEN
               RAISE EXCEPTION 'the money of an order is its own customer''s'
                   USING ERRCODE = 'integrity_constraint_violation';
           END IF;
           RETURN NEW;
       END $$""",
    """CREATE TRIGGER movements_phase_two BEFORE INSERT ON movements
       FOR EACH ROW EXECUTE FUNCTION ledger_phase_two()""",
    """CREATE FUNCTION ledger_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE last entries%ROWTYPE;
       BEGIN
           SELECT * INTO last FROM entries WHERE account_id = NEW.account_id ORDER BY sequence DESC LIMIT 1;
           IF NEW.sequence <> 1 + coalesce(last.sequence, 0) OR NEW.balance <> NEW.amount + coalesce(last.balance, 0)
              OR NOT EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account_id AND owner = 'customer')
              OR NOT EXISTS (SELECT 1 FROM movements WHERE id = NEW.movement_id
                             AND ((from_account = NEW.account_id AND amount = -NEW.amount)
                               OR (to_account = NEW.account_id AND amount = NEW.amount)))
           THEN
               RAISE EXCEPTION 'an entry must continue its account by its movement'
                   USING ERRCODE = 'integrity_constraint_violation';
           END IF;
           RETURN NEW;
       END $$""",
    """CREATE TRIGGER entries_check BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION ledger_check_entry()""",
    # The account's row is locked first: two writers cannot both be next. NO KEY UPDATE does not wait for the
    # foreign keys' own locks, so two of them cannot wait for each other.
    """CREATE FUNCTION ledger_write_entry(account bigint, movement bigint, change bigint) RETURNS void LANGUAGE plpgsql AS $$
       DECLARE last entries%ROWTYPE;
       BEGIN
           PERFORM 1 FROM accounts WHERE id = account AND owner = 'customer' FOR NO KEY UPDATE;
           IF FOUND THEN
               SELECT * INTO last FROM entries WHERE account_id = account ORDER BY sequence DESC LIMIT 1;
               INSERT INTO entries (account_id, sequence, movement_id, amount, balance)
               VALUES (account, 1 + coalesce(last.sequence, 0), movement, change, change + coalesce(last.balance, 0));
           END IF;
       END $$""",
    """CREATE FUNCTION ledger_write_entries() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           PERFORM ledger_write_entry(NEW.from_account, NEW.id, -NEW.amount);
           PERFORM ledger_write_entry(NEW.to_account, NEW.id, NEW.amount);
           RETURN NEW;
       END $$""",
    """CREATE TRIGGER movements_entries AFTER INSERT ON movements
       FOR EACH ROW EXECUTE FUNCTION ledger_write_entries()""",
]

STATEMENTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
