"""What a run printed: from bytes to lines, values, readings, and the fields that they answer."""
