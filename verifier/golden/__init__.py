"""What is right: records, and golden records with where they came from."""
