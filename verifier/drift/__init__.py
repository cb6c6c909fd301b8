"""Drift: the numbers of one torch environment against those of another, compared and explained."""
