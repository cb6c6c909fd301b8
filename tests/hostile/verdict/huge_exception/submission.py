raise ValueError("\x1b[" * 500_000 + "end")
