"""Grading many submissions at once: what was handed in, who grades it, what is kept of it."""
