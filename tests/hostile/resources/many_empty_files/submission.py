for number in range(6000):  # bounded, for the control's sake
    open(f"{number:x}", "w").close()
print("made 6000")
