"""Is a text of people's own language one that can be read as it is written?

Python calls a zero width non-joiner unprintable, and no Persian is written without it. Words may hold it; a key, a
number or a customer's name in the portal may not, for nobody sees it there.
"""

NON_JOINER = "\u200c"


def is_readable(text: str) -> bool:
    """Tell whether a text is free of control characters, a line's end among them, and of marks that turn it around."""
    return text.replace(NON_JOINER, "").isprintable()
