"""What do both databases enforce of the agreement's money by themselves, beside `ledger_rules`? (F1, F2, F4)

- Gift is never anything else: it goes into orders and lapses, and comes back as gift only; nothing else becomes gift.
- What lies in orders leaves by phase 2 alone.
- Compensation is about an order, goes to its customer, and never lifts what came back for the order in money above what
  phase 1 took in money; nor does a credit that comes after a compensation.
- An opposite entry is the exact opposite of the movement that it names; each is written once by `ledger_rules`' own
  uniqueness of kind and reference.

The statements of a version that is out are frozen: another version adds a module of its own.
"""

_GIFT = "(owner = 'customer' AND bucket LIKE 'gift%')"
_SOURCE = "SELECT 1 FROM accounts WHERE id = NEW.from_account"
_TARGET = "SELECT 1 FROM accounts WHERE id = NEW.to_account"
_FIRST = """SELECT 1 FROM movements m JOIN accounts ON accounts.id = m.from_account
            WHERE m.order_id = NEW.order_id AND m.line = NEW.line AND m.phase = 1"""
_ABOUT = "coalesce(NEW.order_id, NEW.about_order_id)"

_GIFT_BROKEN = f"""
       (EXISTS ({_SOURCE} AND {_GIFT})
        AND NOT EXISTS ({_TARGET} AND owner = 'house'
                        AND (name IN ('lapsed', 'gifts') OR (name = 'orders' AND NEW.phase = 1))))
    OR (EXISTS ({_TARGET} AND {_GIFT})
        AND NOT EXISTS ({_SOURCE} AND owner = 'house' AND name IN ('gifts', 'lapsed', 'orders')))
    OR (EXISTS ({_SOURCE} AND owner = 'house' AND name IN ('gifts', 'lapsed'))
        AND NOT EXISTS ({_TARGET} AND {_GIFT}))
    OR (NEW.phase = 2 AND EXISTS ({_FIRST} AND {_GIFT})
        AND NOT EXISTS ({_TARGET} AND ({_GIFT} OR (owner = 'house' AND name IN ('earned', 'lapsed', 'forfeited')))))
    OR (NEW.phase = 2 AND EXISTS ({_TARGET} AND {_GIFT}) AND NOT EXISTS ({_FIRST} AND {_GIFT}))"""

_LEFT_ORDERS = f"EXISTS ({_SOURCE} AND owner = 'house' AND name = 'orders') AND coalesce(NEW.phase, 0) <> 2"

_NOT_ITS_CUSTOMERS = """NEW.about_order_id IS NOT NULL AND EXISTS (
           SELECT 1 FROM accounts a WHERE a.id IN (NEW.from_account, NEW.to_account) AND a.owner = 'customer'
           AND NOT EXISTS (SELECT 1 FROM orders WHERE id = NEW.about_order_id AND customer = a.name))"""

_BACK = f"""
       coalesce((SELECT sum(m.amount) FROM movements m JOIN accounts t ON t.id = m.to_account
                 WHERE m.order_id = {_ABOUT} AND m.phase = 2
                 AND t.owner = 'customer' AND t.bucket NOT LIKE 'gift%'), 0)
     + coalesce((SELECT sum(CASE kind WHEN 'compensation' THEN amount ELSE -amount END) FROM movements
                 WHERE about_order_id = {_ABOUT} AND kind IN ('compensation', 'compensation_reversed')), 0)"""  # noqa: S608 - built of this module's own words

_TAKEN = f"""
       coalesce((SELECT sum(m.amount) FROM movements m JOIN accounts s ON s.id = m.from_account
                 WHERE m.order_id = {_ABOUT} AND m.phase = 1
                 AND NOT (s.owner = 'customer' AND s.bucket LIKE 'gift%')), 0)"""  # noqa: S608 - built of this module's own words

_GOES_BACK = f"""(NEW.kind = 'compensation' OR (NEW.phase = 2
        AND EXISTS ({_TARGET} AND owner = 'customer' AND bucket NOT LIKE 'gift%')
        AND EXISTS (SELECT 1 FROM movements WHERE about_order_id = NEW.order_id AND kind = 'compensation')))"""  # noqa: S608 - built of this module's own words

_COMPENSATES_NOBODY = f"""NEW.kind = 'compensation' AND (NEW.about_order_id IS NULL
        OR NOT EXISTS ({_SOURCE} AND owner = 'house' AND name = 'earned')
        OR NOT EXISTS ({_TARGET} AND owner = 'customer'))"""

_NO_OPPOSITE = """NEW.kind IN ('top_up_reversed', 'gift_reversed', 'gift_lapsed_reversed', 'compensation_reversed')
    AND NOT EXISTS (SELECT 1 FROM movements m WHERE CAST(m.id AS VARCHAR(32)) = NEW.reference
                    AND m.kind || '_reversed' = NEW.kind AND m.order_id IS NULL
                    AND m.from_account = NEW.to_account AND m.to_account = NEW.from_account AND m.amount = NEW.amount
                    AND coalesce(m.about_order_id, 0) = coalesce(NEW.about_order_id, 0))"""

_RULES = (
    ("gift", _GIFT_BROKEN, "gift is gift: it is spent, comes back as gift, or lapses"),
    ("leaves_orders", _LEFT_ORDERS, "what lies in orders leaves by phase 2"),
    ("about_customer", _NOT_ITS_CUSTOMERS, "the money about an order is its own customer''s"),
    (
        "compensates",
        _COMPENSATES_NOBODY,
        "compensation goes from what was earned to the customer of an order",
    ),
    ("opposite", _NO_OPPOSITE, "an opposite entry is the exact opposite of the movement that it names"),
)
_TOO_MUCH = "no more comes back for an order than was paid for it"

_SQLITE = [
    *(
        f"""CREATE TRIGGER movements_{name} BEFORE INSERT ON movements WHEN {broken}
            BEGIN SELECT RAISE(ABORT, '{words}'); END"""
        for name, broken, words in _RULES
    ),
    f"""CREATE TRIGGER movements_ceiling BEFORE INSERT ON movements
        WHEN {_GOES_BACK} AND NEW.amount + {_BACK} > {_TAKEN}
        BEGIN SELECT RAISE(ABORT, '{_TOO_MUCH}'); END""",
]

_REFUSE = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation';"
_CHECKS = " ".join(f"IF {broken} THEN {_REFUSE.format(words)} END IF;" for _, broken, words in _RULES)

# The order's row is locked before anything is added up: two compensations cannot both find room.
_POSTGRESQL = [
    f"""CREATE FUNCTION ledger_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {_CHECKS}
            IF {_GOES_BACK} THEN
                PERFORM 1 FROM orders WHERE id = {_ABOUT} FOR NO KEY UPDATE;
                IF NEW.amount + {_BACK} > {_TAKEN} THEN
                    {_REFUSE.format(_TOO_MUCH)}
                END IF;
            END IF;
            RETURN NEW;
        END $$""",
    """CREATE TRIGGER movements_agreement BEFORE INSERT ON movements
       FOR EACH ROW EXECUTE FUNCTION ledger_agreement()""",
]

STATEMENTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
