"""The sandbox: the server that runs submissions inside the container, and the walls around each.

Standard library, torch and numpy only. Nothing else of the package is imported here: the
runtime image holds this folder and no other, and no golden value or solution ever enters it.
"""
