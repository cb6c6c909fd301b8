import os

first, second = PUBLISHED.split("prediction_after")
print(first, end="", flush=True)
os._exit(0)
print("prediction_after" + second)
