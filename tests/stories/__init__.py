"""Does the software keep the agreement? Its clauses, told as stories with dates: `pytest tests/stories -v` reads like it."""
