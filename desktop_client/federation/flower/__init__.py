"""A study as an app of Flower: its transport and engines; our training, averaging and checks."""
