"""The format of a trace: the numbers that its writer keeps to and its reader counts on.

One JSON object a line; ``schemas/trace.schema.json`` says what each kind holds.
"""

from __future__ import annotations

MAX_WRITTEN_BYTES = 60_000
"""The recorder writes at most so many."""
MAX_BYTES = 64 * 1024
"""So many are read of a trace, whoever wrote it, and no more."""
MAX_LOOK_BYTES = 96_000
"""The same of milestones; all of them are read."""
KEY_BYTES = 32
SEAL_BYTES = 8
"""A line is followed by a blank and its seal, in hexadecimal digits, until that was looked at."""
MAX_EVENTS = 2_000
MAX_LISTED = 64
"""So many parameters an event lists, the first; no list in it is longer."""
MAX_VALUES = 16
"""So many elements of a tensor are touched, its first."""
MAX_NAME = 120
"""Characters of a name, its first."""
MAX_WHOLE = 2**63
"""Whole numbers are of no larger size."""
UNKNOWN = "unknown"
"""Type of a tensor that could not be looked into."""
