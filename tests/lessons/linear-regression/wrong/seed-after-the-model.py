from dataclasses import dataclass

import torch
from torch import Tensor, nn, optim


@dataclass
class Config:
    name: str
    kind: type
    rate: float
    steps: int = 120
    shown: tuple = (1, 20, 120)


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(in_features=1, out_features=1)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs)


class Trainer:
    def __init__(self, config, inputs, targets):
        self.config = config
        self.inputs, self.targets = inputs, targets
        self.net = Line()
        torch.manual_seed(8)
        self.criterion = nn.MSELoss()
        self.opt = config.kind(self.net.parameters(), lr=config.rate)

    def step(self, number):
        self.opt.zero_grad(set_to_none=True)
        error = self.criterion(self.net(self.inputs), self.targets)
        error.backward()
        if number in self.config.shown:
            self.report(number, error.item())
        self.opt.step()

    def report(self, number, error):
        slope = self.net.layer.weight.item()
        start = self.net.layer.bias.item()
        print(f"{self.config.name:6} step={number:<3d} loss={error:.3f} w={slope:.3f} b={start:.3f}")

    def run(self):
        for number in range(1, self.config.steps + 1):
            self.step(number)
        return self.net


def main():
    inputs = torch.arange(8, dtype=torch.float32)[:, None]
    noise = torch.randn(8, 1, generator=torch.Generator().manual_seed(1))
    targets = 2.5 * inputs + 4.0 + 0.5 * noise
    print("data")
    print("hours:", (inputs.shape[0], inputs.shape[1]))
    print("score_mean=", round(targets.mean().item(), 3))
    print("two_optimizers")
    Trainer(Config("sgd", optim.SGD, 0.01), inputs, targets).run()
    net = Trainer(Config("adam", optim.Adam, 0.2), inputs, targets).run()
    print("learned")
    layer = net.layer
    print(f"score gained per hour: {layer.weight.item():.2f}")
    print(f"score without any work: {layer.bias.item():.2f}")
    with torch.inference_mode():
        tenth = net(torch.full((1, 1), 10.0)).item()
    print(f"Predicted score for 10 hours of work: {tenth:.1f}")
    print("weight_grad=", [[round(g, 3) for g in row] for row in layer.weight.grad.tolist()])
    print("bias_grad=", [round(g, 3) for g in layer.bias.grad.tolist()])


if __name__ == "__main__":
    main()
