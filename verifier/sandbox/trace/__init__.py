"""Recording what a script does with torch, in the script's own process."""
