"""What the parting of a script from the reference means: a concept a module, for any training."""
