import torch
import torch.nn as nn


class Course(nn.Module):
    """Predicts a score from the hours somebody worked."""

    def __init__(self):
        super().__init__()
        self.unit = nn.Linear(1, 1)

    def forward(self, hours):
        return self.unit(hours)

    def as_text(self):
        return "w=%.3f b=%.3f" % (self.unit.weight.item(), self.unit.bias.item())


def students(count=8):
    generator = torch.Generator()
    generator.manual_seed(1)
    hours = torch.arange(float(count)).unsqueeze(dim=1)
    luck = torch.randn(count, 1, generator=generator)
    return hours, 2.5 * hours + 4.0 + 0.5 * luck


def build():
    torch.manual_seed(8)
    return Course()


def learn(course, chooser, title, hours, score, steps=120):
    chooser.zero_grad()
    loss = 0.0
    for number in range(1, steps + 1):
        guess = course(hours)
        loss = loss + nn.functional.mse_loss(guess, score)
        loss.backward()
        if number in (1, 20, 120):
            print(f"{title:<6} step={number:<3} loss={loss.item():.3f} {course.as_text()}")
        chooser.step()
        if number < steps:
            chooser.zero_grad()


hours, score = students()
print("data")
print("hours:", tuple(hours.shape))
print(f"score_mean= {score.mean().item():.3f}")

print("two_optimizers")
first = build()
learn(first, torch.optim.SGD(first.parameters(), lr=0.01), "sgd", hours, score)
second = build()
learn(second, torch.optim.Adam(second.parameters(), lr=0.2), "adam", hours, score)

print("learned")
unit = second.unit
print(f"score gained per hour: {unit.weight.item():.2f}")
print(f"score without any work: {unit.bias.item():.2f}")
with torch.no_grad():
    ten = second(torch.tensor([[10.0]]))
print(f"Predicted score for 10 hours of work: {ten.item():.1f}")
print(f"weight_grad= [[{unit.weight.grad.item():.3f}]]")
print(f"bias_grad= [{unit.bias.grad.item():.3f}]")
