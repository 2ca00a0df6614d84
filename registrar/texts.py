"""Is a text of people's own language one that can be read as it is written?

Python calls a zero width non-joiner unprintable, and no Persian is written without it. Words may hold it; a key, a
number or a customer's name in the portal may not, for nobody sees it there.
"""

import re

NON_JOINER = "\u200c"
ADDRESS = re.compile(r"[^\s@<>\"'()\[\],;:]+@[^\s@<>\"'()\[\],;:]+\.[^\s@<>\"'()\[\],;:]+")
"""An e-mail address, wherever it stands: a person's datum (D10)."""


def is_readable(text: str) -> bool:
    """Tell whether a text is free of control characters, a line's end among them, and of marks that turn it around."""
    return text.replace(NON_JOINER, "").isprintable()


def names_a_person(text: str) -> bool:
    """Tell whether a text holds an e-mail address: what goes into events and findings must not (D10)."""
    return ADDRESS.search(text) is not None
