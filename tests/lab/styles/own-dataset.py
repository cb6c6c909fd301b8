import torch
from torch import nn
from torch.utils.data import Dataset


class OneSample(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        if index:
            raise IndexError(index)
        return torch.tensor([1.0, 2.0]), torch.tensor([1.0])


torch.manual_seed(42)
features, label = OneSample()[0]
x, y = features.unsqueeze(0), label.unsqueeze(0)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
pred = model(x)
loss = criterion(pred, y)
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()
pred = model(x)
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(criterion(pred, y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = criterion(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
