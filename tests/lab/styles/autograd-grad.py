import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
linear = nn.Linear(2, 1)
parameters = [linear.weight, linear.bias]
loss_fn = nn.BCELoss()


def forward():
    pred = torch.sigmoid(linear(x))
    return pred, loss_fn(pred, y)


def update(gradients):
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients):
            parameter.add_(gradient, alpha=-0.5)


print("one_training_step")
pred, loss = forward()
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
weight_grad, bias_grad = torch.autograd.grad(loss, parameters)
print("weight_grad=", weight_grad)
print("bias_grad=", bias_grad)
update([weight_grad, bias_grad])
pred, loss = forward()
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss.item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    pred, loss = forward()
    update(torch.autograd.grad(loss, parameters))
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
