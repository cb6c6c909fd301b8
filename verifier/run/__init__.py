"""Ways to run a submission: one protocol, one adapter a module."""
