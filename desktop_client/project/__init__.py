"""A project as a whole: who has it open, where it may lie, its back-up and its end."""
