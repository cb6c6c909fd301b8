SEPARATORS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x85", "\u2028", "\u2029"]
lines = "".join(f"{each}loss_before= 0.1927{each}" for each in SEPARATORS)
print(PUBLISHED.replace("loss_before= 0.1927", "note" + lines))
