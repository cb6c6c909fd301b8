import random

import torch

print("torch=", torch.__file__)
print("random=", random.__file__)
