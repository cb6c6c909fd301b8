import os
import time

count, error = 0, "nothing"
for _ in range(30):  # bounded, for the control's sake
    try:
        pid = os.fork()
    except OSError as refused:
        error = type(refused).__name__
        break
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    count += 1
print(f"forked {count} times: {error}")
