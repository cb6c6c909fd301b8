import torch

w = torch.tensor([[0.5406103730201721, 0.5869042277336121]], requires_grad=True)
b = torch.tensor([-0.16565565764904022], requires_grad=True)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
optimizer = torch.optim.SGD([w, b], lr=0.5)


def forward():
    pred = torch.sigmoid(x @ w.T + b)
    return pred, torch.nn.functional.binary_cross_entropy(pred, y)


print("one_training_step")
pred, loss = forward()
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", w.grad)
print("bias_grad=", b.grad)
optimizer.step()
pred, loss = forward()
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred, loss = forward()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
