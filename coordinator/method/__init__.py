"""The coordinator's half of the method: who is picked, and what averages come of it. Pure."""
