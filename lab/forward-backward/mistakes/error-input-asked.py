import torch
from torch import nn

torch.manual_seed(42)
data = [[1.0, 2.0]]
label = [[1.0]]
x, y = torch.tensor(data), torch.tensor(label)

neuron = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
objective = nn.BCELoss()
step_size = float(input("learning rate: "))
optimizer = torch.optim.SGD(neuron.parameters(), lr=step_size)

results = {}
results["prediction_before"] = round(neuron(x).item(), 3)

p = neuron(x)
loss = objective(p, y)
results["loss_before"] = round(loss.item(), 4)
optimizer.zero_grad()
loss.backward()
results["weight_grad"] = neuron[0].weight.grad.clone()
results["bias_grad"] = neuron[0].bias.grad.clone()
optimizer.step()

p = neuron(x)
results["prediction_after"] = round(p.item(), 3)
results["loss_after"] = round(objective(p, y).item(), 4)

history = []
for step in range(1, 6):
    p = neuron(x)
    loss = objective(p, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append((step, loss.item(), p.item()))

print("one_training_step")
for name, value in results.items():
    print(f"{name}=", value)
print("mini_training_loop")
for step, l, q in history:
    print(f"step={step} loss={l:.4f} pred={q:.3f}")
