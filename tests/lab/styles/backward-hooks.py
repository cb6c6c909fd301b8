import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

seen = {}
for name, parameter in model[0].named_parameters():
    parameter.register_hook(lambda grad, name=name: seen.__setitem__(name, grad.clone()))
outputs = []
model.register_forward_hook(lambda module, args, output: outputs.append(output.item()))

print("one_training_step")
loss = loss_fn(model(x), y)
optimizer.zero_grad()
loss.backward()
print("prediction_before=", round(outputs[-1], 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", seen["weight"])
print("bias_grad=", seen["bias"])
optimizer.step()
loss = loss_fn(model(x), y)
print("prediction_after=", round(outputs[-1], 3))
print("loss_after=", round(loss.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={outputs[-1]:.3f}")
