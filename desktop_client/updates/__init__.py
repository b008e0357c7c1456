"""News of newer versions, for hospitals that want it: read from their own server, never fetched."""
