"""A lesson's page: which scripts and outputs stand on it, and whether they still agree."""
