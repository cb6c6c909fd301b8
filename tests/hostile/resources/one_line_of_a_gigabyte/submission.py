import os

for number in range(16_384):
    os.write(1, b"x" * 65_536 if number != 64 else b"four megabytes")
