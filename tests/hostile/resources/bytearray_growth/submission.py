kept = []
for _ in range(24):
    kept.append(bytearray(16 * 1024 * 1024))
print("took", sum(map(len, kept)) >> 20, "MiB")
