for name in ("torch", "numpy", "json", "random"):
    with open(f"{name}.py", "w") as file:
        file.write("")
import torch

print("torch=", torch.__file__)
