"""Who said what about which image."""
