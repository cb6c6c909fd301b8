"""What a lab asks for: its manifest, stages, relations, canaries and known mistakes, as values."""
