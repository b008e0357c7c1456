"""Alembic's steps from one database schema to the next, run when the coordinator starts."""
