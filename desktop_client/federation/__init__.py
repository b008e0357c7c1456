"""Taking part in the rounds of a study."""
