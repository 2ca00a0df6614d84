"""What can be learned of a name from those who tell it to everybody? One look, one `Sighting`, and silence is never `FREE`.

A look-up sees only the vocabulary: it says what it saw, and judges nothing. The sources do not know one another.
"""
