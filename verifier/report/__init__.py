"""The report, and the formats it is written in. Pure: values in, text out."""
