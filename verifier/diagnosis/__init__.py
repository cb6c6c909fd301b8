"""Diagnosis: which step of the lesson went wrong, and why. Pure: values in, values out."""
