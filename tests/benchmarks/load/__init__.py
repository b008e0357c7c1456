"""A thousand sites on one machine: what asks, what answers, and what is counted."""
