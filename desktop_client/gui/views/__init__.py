"""Pages and widgets: they show and emit, and own no data."""
