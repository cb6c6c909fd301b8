"""What changes from one torch to another: observed, compared, explained, reported."""
