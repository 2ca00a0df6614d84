"""The EPP sandbox registrar as a client meets it on the wire."""
