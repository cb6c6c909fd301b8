import threading
import time

count, error = 0, "nothing"
for _ in range(30):  # bounded, for the control's sake
    try:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError as refused:
        error = type(refused).__name__
        break
    count += 1
print(f"started {count} threads: {error}")
