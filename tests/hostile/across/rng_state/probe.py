import random

import numpy
import torch

drawn = (torch.rand(1).item(), random.random(), numpy.random.random())
torch.manual_seed(1234)
random.seed(1234)
numpy.random.seed(1234)
decided = (torch.rand(1).item(), random.random(), numpy.random.random())
for name, first, second in zip(("torch", "python", "numpy"), drawn, decided):
    print(f"{name}=", "decided" if first == second else "drawn anew")
