"""The core: the ledger, the judgement and the life of an order, tried without a wire."""
