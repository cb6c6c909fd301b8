"""What holds for every test: how Hypothesis searches."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: how long one example takes says more about the machine's other work than about us.
# In CI each run tries the same examples, so that a red one means that the change is to blame.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
