size = 12 * 1024 * 1024
for number in range(8):
    with open(f"file-{number}", "wb") as file:
        file.write(bytes(size))
print("wrote", 8 * size >> 20, "MiB")
