"""Openprovider's adapter, over a real socket."""
