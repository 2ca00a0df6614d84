"""The whole product over real sockets, its processes killed and frozen at every step; then the books against the ledger."""
