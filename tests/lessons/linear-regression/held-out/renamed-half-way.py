import torch
from torch import nn


class Line(nn.Module):
    """A line with two bare parameters, filled from a layer."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        start = nn.Linear(1, 1)
        self.slope = nn.Parameter(start.weight.data.clone())
        self.offset = nn.Parameter(start.bias.data.clone())

    def forward(self, values):
        return torch.einsum("ni,oi->no", values, self.slope) + self.offset


def steps_of(model, optimizer, inputs, targets, count):
    for number in range(1, count + 1):
        optimizer.zero_grad()
        residual = model(inputs) - targets
        loss = residual.square().sum() / residual.numel()
        loss.backward()
        yield number, loss.detach(), model.slope.detach().clone(), model.offset.detach().clone()
        optimizer.step()


noise = torch.empty(8, 1).normal_(generator=torch.Generator().manual_seed(1))
hours = torch.stack([torch.tensor([float(hour)]) for hour in range(8)])
targets = torch.add(2.5 * hours + 4.0, noise, alpha=0.5)
print("data", f"hours: {tuple(hours.shape)}", f"score_mean= {round(targets.mean().item(), 3)}", sep="\n")
print("two_optimizers")
for name, kind, rate in (("sgd", torch.optim.SGD, 0.01), ("adam", torch.optim.Adam, 0.2)):
    model = Line(8)
    for number, loss, w, b in steps_of(model, kind(model.parameters(), lr=rate), hours, score, 120):
        if number == 1 or number == 20 or number == 120:
            print(f"{name:<6} step={number:<3} loss={loss:.3f} w={w.item():.3f} b={b.item():.3f}")
print("learned")
print(f"score gained per hour: {model.slope.item():.2f}")
print(f"score without any work: {model.offset.item():.2f}")
with torch.no_grad():
    print(f"Predicted score for 10 hours of work: {model(10 * torch.ones(1, 1)).item():.1f}")
print("weight_grad=", [[round(value, 3) for value in line] for line in model.slope.grad.tolist()])
print("bias_grad=", [round(value, 3) for value in model.offset.grad.tolist()])
