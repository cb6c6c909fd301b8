import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loader = DataLoader(TensorDataset(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])), batch_size=1)
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
for x, y in loader:
    pred = model(x)
    loss = loss_fn(pred, y)
    print("prediction_before=", round(pred.item(), 3))
    print("loss_before=", round(loss.item(), 4))
    optimizer.zero_grad()
    loss.backward()
    print("weight_grad=", model[0].weight.grad)
    print("bias_grad=", model[0].bias.grad)
    optimizer.step()
    with torch.no_grad():
        pred = model(x)
        print("prediction_after=", round(pred.item(), 3))
        print("loss_after=", round(loss_fn(pred, y).item(), 4))
print("mini_training_loop")
for epoch in range(1, 6):
    for x, y in loader:
        pred = model(x)
        loss = loss_fn(pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step={epoch} loss={loss.item():.4f} pred={pred.item():.3f}")
