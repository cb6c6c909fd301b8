import torch

w1 = torch.tensor(0.5406, requires_grad=True)
w2 = torch.tensor(0.5869, requires_grad=True)
b = torch.tensor(-0.1657, requires_grad=True)


def forward():
    z = 1.0 * w1 + 2.0 * w2 + b
    p = 1 / (1 + torch.exp(-z))
    return p, -torch.log(p)


def update(lr=0.5):
    with torch.no_grad():
        for t in (w1, w2, b):
            t -= lr * t.grad
            t.grad = None


print("one_training_step")
p, loss = forward()
print("prediction_before=", round(float(p), 3))
print("loss_before=", round(float(loss), 4))
loss.backward()
print("weight_grad=", [[round(float(w1.grad), 4), round(float(w2.grad), 4)]])
print("bias_grad=", [round(float(b.grad), 4)])
update()
p, loss = forward()
print("prediction_after=", round(float(p), 3))
print("loss_after=", round(float(loss), 4))
print("mini_training_loop")
for step in range(1, 6):
    p, loss = forward()
    loss.backward()
    update()
    print(f"step={step} loss={float(loss):.4f} pred={float(p):.3f}")
