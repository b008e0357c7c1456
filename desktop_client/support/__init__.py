"""Finding out what went wrong: the log, and a report that says nothing about anybody."""
