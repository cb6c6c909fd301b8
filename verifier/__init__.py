"""labcheck: run a lesson's script, read what it prints, judge it against golden values."""

__version__ = "0.1.0"
