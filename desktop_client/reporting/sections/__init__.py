"""What a report on a model says, chapter by chapter."""
