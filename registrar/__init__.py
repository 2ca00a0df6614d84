"""What may happen: the trade's nouns and rules, the tables, the ledger, and the life of an order."""
