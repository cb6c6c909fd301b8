import torch

torch.manual_seed(42)
layer = torch.nn.Linear(2, 1)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])


def bce(q):
    return -(y * torch.log(q) + (1 - y) * torch.log(1 - q)).mean()


def update():
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter += 0.5 * parameter.grad
            parameter.grad = None


print("one_training_step")
q = torch.sigmoid(layer(x))
loss = bce(q)
loss.backward()
print("prediction_before=", round(q.item(), 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", layer.weight.grad.tolist())
print("bias_grad=", layer.bias.grad.tolist())
update()
q = torch.sigmoid(layer(x))
print("prediction_after=", round(q.item(), 3))
print("loss_after=", round(bce(q).item(), 4))

print("mini_training_loop")
for step in range(1, 8):
    q = torch.sigmoid(layer(x))
    loss = bce(q)
    loss.backward()
    update()
    print(f"step={step} loss={loss.item():.4f} pred={q.item():.3f}")
