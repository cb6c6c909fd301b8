"""Line fitting."""

from __future__ import annotations

import torch
from torch import Tensor, nn, optim

STEPS: int = 120
SHOWN: tuple[int, ...] = (1, 20, 120)


def make_data(seed: int = 1) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    hours = torch.tensor([[float(i)] for i in range(8)])
    noise = torch.randn(8, 1, generator=rng)
    return hours, hours * 2.5 + 4.0 + noise * 0.5


def build(seed: int = 8) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(1, 1))


def run(label: str, net: nn.Module, opt: optim.Optimizer, hours: Tensor, score: Tensor) -> None:
    criterion = nn.MSELoss(reduction="sum")
    step = 0
    while step < STEPS:
        step += 1
        output = net(hours)
        loss = criterion(output, score)
        opt.zero_grad()
        loss.backward()
        if step in SHOWN:
            print(label.ljust(6), f"step={step:<3} loss={loss.item():.3f}", end=" ")
            print(f"w={net[0].weight.item():.3f} b={net[0].bias.item():.3f}")
        opt.step()


def main() -> None:
    hours, score = make_data()
    print("data")
    print(f"hours: {tuple(hours.shape)}")
    print(f"score_mean= {score.mean().item():.3f}")
    print("two_optimizers")
    for label, make in {
        "sgd": lambda params: optim.SGD(params, lr=0.01),
        "adam": lambda params: optim.Adam(params, lr=0.2, betas=(0.9, 0.999)),
    }.items():
        net = build()
        run(label, net, make(net.parameters()), hours, score)
    print("learned")
    slope, start = [p.item() for p in net.parameters()]
    print(f"score gained per hour: {slope:.2f}\nscore without any work: {start:.2f}")
    print(f"Predicted score for 10 hours of work: {net(torch.tensor([[10.0]])).item():.1f}")
    print("weight_grad=", [[round(net[0].weight.grad.item(), 3)]])
    print("bias_grad=", [round(net[0].bias.grad.item(), 3)])


if __name__ == "__main__":
    main()
