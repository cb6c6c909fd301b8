import os

for mode in ("w", "r"):
    try:
        open("model.pt", mode).close()
        print(mode, "worked")
    except OSError as error:
        print(mode, type(error).__name__)
os.mkdir("folder")
os.listdir("folder")
