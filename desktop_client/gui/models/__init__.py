"""Qt item models over plain objects."""
