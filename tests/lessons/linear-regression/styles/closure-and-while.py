import sys
import torch
from torch import nn
from torch.optim import SGD, Adam

out = sys.stdout.write
noise_source = torch.Generator().manual_seed(1)
wobble = torch.randn(8, 1, generator=noise_source)
worked = torch.arange(0, 8).float().view(-1, 1)
reached = worked.mul(2.5).add(4.0).add(wobble.mul(0.5))
out("data\n")
out(f"hours: {tuple(worked.shape)}\n")
out(f"score_mean= {round(reached.mean().item(), 3)}\n")


def fresh():
    torch.manual_seed(8)
    return nn.Linear(1, 1)


def learn(label, unit, optimizer):
    step = 0
    wanted = [1, 20, 120]
    while step < 120:
        step += 1
        before = (unit.weight.item(), unit.bias.item())

        def closure():
            optimizer.zero_grad()
            cost = ((unit(worked) - reached) ** 2).mean()
            cost.backward()
            return cost

        cost = optimizer.step(closure)
        if wanted and step == wanted[0]:
            wanted.pop(0)
            out(f"{label.ljust(6)} step={str(step).ljust(3)} loss={cost.item():.3f} ")
            out(f"w={before[0]:.3f} b={before[1]:.3f}\n")


out("two_optimizers\n")
first = fresh()
learn("sgd", first, SGD(first.parameters(), lr=1e-2))
second = fresh()
learn("adam", second, Adam(second.parameters(), lr=2e-1))
out("learned\n")
slope, start = (p.item() for p in second.parameters())
out(f"score gained per hour: {slope:.2f}\n")
out(f"score without any work: {start:.2f}\n")
out(f"Predicted score for 10 hours of work: {second(torch.tensor([[10.]])).item():.1f}\n")
out(f"weight_grad= {[[round(second.weight.grad.item(), 3)]]}\n")
out(f"bias_grad= {[round(second.bias.grad.item(), 3)]}\n")
