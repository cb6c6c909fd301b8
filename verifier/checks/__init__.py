"""Judging: readings against golden values, stage by stage. Pure.

Nothing here runs, reads a file or knows a container; the same values in give the
same checks out. NaN and infinities never pass.
"""
