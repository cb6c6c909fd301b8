"""What a run did with torch, read from its trace; evidence that is never trusted alone."""
