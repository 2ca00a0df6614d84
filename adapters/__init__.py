"""Every door to the outside, each in a room of its own."""
