"""One file or folder per registrar protocol; each keeps the contract in `registrar.gateway`. `sections` is what they share."""
