"""Batches: many submissions, found, graded at the same time, and kept as rows."""
