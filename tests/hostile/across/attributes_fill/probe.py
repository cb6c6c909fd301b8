import os

for number in range(1000):
    open(str(number), "w").close()
print("made", len(os.listdir()) - 1)
