import torch
from torch import nn

torch.manual_seed(42)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
x = torch.tensor([[1.0, 2.0]]).to(device)
y = torch.tensor([[1.0]]).to(device)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()).to(device)
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def train_one():
    model.train()
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return pred.item(), loss.item()


@torch.no_grad()
def evaluate():
    model.eval()
    pred = model(x)
    return pred.item(), loss_fn(pred, y).item()


print("one_training_step")
print("prediction_before=", round(evaluate()[0], 3))
_, loss = train_one()
print("loss_before=", round(loss, 4))
layer = model[0]
print("weight_grad=", layer.weight.grad.cpu())
print("bias_grad=", layer.bias.grad.cpu())
pred, loss = evaluate()
print("prediction_after=", round(pred, 3))
print("loss_after=", round(loss, 4))
print("mini_training_loop")
for step in range(1, 6):
    pred, loss = train_one()
    print(f"step={step} loss={loss:.4f} pred={pred:.3f}")
