import torch

torch.manual_seed(42)
linear = torch.nn.Linear(2, 1)
W, b = linear.weight, linear.bias  # drawn as the lab asks, used by hand
X = torch.tensor([[1.0, 2.0]])
Y = torch.tensor([[1.0]])


def forward():
    Z = X @ W.T + b
    A = torch.sigmoid(Z)
    return A, -(Y * A.log() + (1 - Y) * (1 - A).log()).mean()


def clear():
    W.grad = b.grad = None


def update(lr=0.5):
    with torch.no_grad():
        W.copy_(W - lr * W.grad)
        b.copy_(b - lr * b.grad)


print("one_training_step")
A, J = forward()
print(f"prediction_before= {A.item():.3f}")
print(f"loss_before= {J.item():.4f}")
clear()
J.backward()
print("weight_grad=", W.grad)
print("bias_grad=", b.grad)
update()
A, J = forward()
print(f"prediction_after= {A.item():.3f}")
print(f"loss_after= {J.item():.4f}")
print("mini_training_loop")
for step in range(1, 6):
    A, J = forward()
    clear()
    J.backward()
    update()
    print(f"step={step} loss={J.item():.4f} pred={A.item():.3f}")
