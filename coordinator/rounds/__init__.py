"""A study from its first parameters to its last round."""
