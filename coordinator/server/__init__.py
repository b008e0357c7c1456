"""HTTP: routes, limits, and the process that serves them."""
