"""The demo: its cast of orders, and the proof at its end."""
