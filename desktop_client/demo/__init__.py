"""A whole federation on one machine, on phantom images."""
