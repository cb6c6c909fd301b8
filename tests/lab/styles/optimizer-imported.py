from torch import manual_seed, no_grad, tensor
from torch.nn import BCELoss, Linear, Sequential, Sigmoid
from torch.optim import SGD

manual_seed(42)
x, y = tensor([[1.0, 2.0]]), tensor([[1.0]])
model = Sequential(Linear(2, 1), Sigmoid())
loss_fn = BCELoss()
optimizer = SGD(model.parameters(), lr=0.5)

print("one_training_step")
with no_grad():
    print("prediction_before=", round(model(x).item(), 3))
pred = model(x)
loss = loss_fn(pred, y)
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", model[0].weight.grad.tolist())
print("bias_grad=", model[0].bias.grad.tolist())
optimizer.step()
with no_grad():
    print("prediction_after=", round(model(x).item(), 3))
    print("loss_after=", round(loss_fn(model(x), y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
