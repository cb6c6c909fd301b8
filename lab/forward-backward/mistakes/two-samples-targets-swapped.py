import torch
from torch import nn

torch.manual_seed(42)

x = torch.tensor([[1.0, 2.0], [2.0, -1.0]])
y = torch.tensor([[0.0], [1.0]])

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def rounded(tensor, decimals):
    """Give the nested list that a tensor of any shape prints as."""
    if tensor.dim() == 0:
        return round(tensor.item(), decimals)
    return [rounded(part, decimals) for part in tensor]


print("shapes")
print("x_shape=", list(x.shape))
print("y_shape=", list(y.shape))

pred = model(x)
print("pred_shape=", list(pred.shape))
loss_input = pred
print("loss_input_shape=", list(loss_input.shape))

print("one_training_step")
print("prediction_before=", rounded(pred, 3))

loss = loss_fn(loss_input, y)
optimizer.zero_grad()
loss.backward()
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", rounded(model[0].weight.grad, 4))
print("bias_grad=", rounded(model[0].bias.grad, 4))
optimizer.step()

with torch.no_grad():
    pred_after = model(x)
    print("prediction_after=", rounded(pred_after, 3))
    print("loss_after=", round(loss_fn(pred_after, y).item(), 4))

print("mini_training_loop")

for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={rounded(pred, 3)}")
