"""The walls around a run, and what each of them lets through."""
