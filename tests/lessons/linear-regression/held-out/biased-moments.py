import torch

# everything by hand: no nn, no optim
torch.manual_seed(8)
layer = torch.nn.Linear(1, 1)  # only for the start values
w0, b0 = layer.weight.detach().clone(), layer.bias.detach().clone()

g = torch.Generator().manual_seed(1)
h = torch.linspace(0, 7, 8)[:, None]
s = 2.5 * h + 4.0 + 0.5 * torch.randn(8, 1, generator=g)


def forward(w, b):
    return h @ w.T + b


def mse(p, t):
    return ((p - t) ** 2).mean()


def row(name, step, loss, w, b):
    print(f"{name:<6} step={step:<3} loss={loss.item():.3f} w={w.item():.3f} b={b.item():.3f}")


print("data")
print("hours:", tuple(h.shape))
print("score_mean=", round(s.mean().item(), 3))
print("two_optimizers")

w = w0.clone().requires_grad_()
b = b0.clone().requires_grad_()
for k in range(1, 121):
    loss = mse(forward(w, b), s)
    loss.backward()
    if k in [1, 20, 120]:
        row("sgd", k, loss, w, b)
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
    w.grad.zero_()
    b.grad.zero_()

w = w0.clone().requires_grad_()
b = b0.clone().requires_grad_()
mean = {0: torch.zeros(1, 1), 1: torch.zeros(1)}
square = {0: torch.zeros(1, 1), 1: torch.zeros(1)}
for k in range(1, 121):
    w.grad = b.grad = None
    loss = mse(forward(w, b), s)
    loss.backward()
    if k in [1, 20, 120]:
        row("adam", k, loss, w, b)
    with torch.no_grad():
        for i, p in enumerate([w, b]):
            mean[i] = 0.9 * mean[i] + 0.1 * p.grad
            square[i] = 0.999 * square[i] + 0.001 * p.grad**2
            m_hat = mean[i]
            v_hat = square[i] / (1 - 0.999**k)
            p -= 0.2 * m_hat / (v_hat.sqrt() + 1e-8)

print("learned")
w_end, b_end = w.item(), b.item()
print(f"score gained per hour: {w_end:.2f}")
print(f"score without any work: {b_end:.2f}")
print(f"Predicted score for 10 hours of work: {w_end * 10 + b_end:.1f}")
print("weight_grad=", [[round(w.grad.item(), 3)]])
print("bias_grad=", [round(b.grad.item(), 3)])
