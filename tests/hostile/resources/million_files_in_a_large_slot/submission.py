for number in range(1_000_000):
    open(f"{number:x}", "w").close()
print("made them")
