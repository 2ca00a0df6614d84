"""On which databases does a test run? On both, unless its module says here that neither has a part in it."""

import pytest

ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For a test of words: how a question is read and refused, shown or told. It may change no row and ask nothing of a lock, of
money, of two at once or of a stored date, or others must try what it does there on both databases."""
