"""Torch is made ready by the fork server before that forks."""
