import random

import numpy
import torch

torch.manual_seed(1234)
random.seed(1234)
numpy.random.seed(1234)
print("seeded")
