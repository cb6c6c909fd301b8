import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
start = {name: value.clone() for name, value in model.state_dict().items()}
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def step():
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return pred.item(), loss.item()


# a trial run, to see that it learns at all
trial = [step()[1] for _ in range(20)]
assert trial[-1] < trial[0]
model.load_state_dict(start)

print("one_training_step")
pred, loss = step()
print("prediction_before=", round(pred, 3))
print("loss_before=", round(loss, 4))
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
with torch.no_grad():
    after = model(x)
    print("prediction_after=", round(after.item(), 3))
    print("loss_after=", round(loss_fn(after, y).item(), 4))
print("mini_training_loop")
for number in range(1, 6):
    pred, loss = step()
    print(f"step={number} loss={loss:.4f} pred={pred:.3f}")
