"""One module per schema step; each names the one before it."""
