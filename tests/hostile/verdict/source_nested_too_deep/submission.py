value = eval("(" * 100_000)
