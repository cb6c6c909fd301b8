lines = PUBLISHED.splitlines()
steps = [line.replace("step=2", "step=3x").replace("step=3 ", "step=2 ") for line in lines[8:]]
steps = [line.replace("step=3x", "step=3") for line in steps]
print(*lines[:8], *reversed(steps), sep="\n")
