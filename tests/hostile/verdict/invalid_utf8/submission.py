import sys

print(PUBLISHED, flush=True)
sys.stdout.buffer.write(bytes(range(128, 256)) + b"\xed\xa0\x80 \xf5\xff\n")
