import threading
import time


def go_on():
    time.sleep(2)
    print("end of the thread")


threading.Thread(target=go_on).start()
print("end of the script")
