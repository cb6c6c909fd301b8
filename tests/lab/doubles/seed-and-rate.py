import torch
from torch import nn, optim

torch.manual_seed(0)

net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
criterion = nn.BCELoss()
sgd = optim.SGD(net.parameters(), lr=0.05)

features = torch.tensor([[1.0, 2.0]])
label = torch.tensor([[1.0]])

print("one_training_step")
with torch.no_grad():
    print("prediction_before=", round(net(features).item(), 3))

out = net(features)
cost = criterion(out, label)
sgd.zero_grad()
cost.backward()
print("loss_before=", round(cost.item(), 4))
print("weight_grad=", net[0].weight.grad.tolist())
print("bias_grad=", net[0].bias.grad.tolist())
sgd.step()

with torch.no_grad():
    out = net(features)
    print("prediction_after=", round(out.item(), 3))
    print("loss_after=", round(criterion(out, label).item(), 4))

print("mini_training_loop")
for i in range(5):
    out = net(features)
    cost = criterion(out, label)
    sgd.zero_grad()
    cost.backward()
    sgd.step()
    print(f"step={i + 1} loss={cost.item():.4f} pred={out.item():.3f}")
