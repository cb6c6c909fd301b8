import torch

torch.set_grad_enabled(False)
w = torch.tensor([0.5406, 0.5869], dtype=torch.float64)
b = torch.tensor(-0.1657, dtype=torch.float64)
x = torch.tensor([1.0, 2.0], dtype=torch.float64)
y = 1.0

print("one_training_step")
p = torch.sigmoid(torch.dot(w, x).add(b))
print(f"prediction_before= {p:.3f}")
print(f"loss_before= {p.log().neg():.4f}")
g = p.sub(y)
print("weight_grad=", [[round(v, 4) for v in g.mul(x).tolist()]])
print("bias_grad=", [round(g.item(), 4)])
w.sub_(g.mul(x), alpha=0.5)
b.sub_(g, alpha=0.5)
p = torch.sigmoid(torch.dot(w, x).add(b))
print(f"prediction_after= {p:.3f}")
print(f"loss_after= {p.log().neg():.4f}")
print("mini_training_loop")
for step in range(1, 6):
    p = torch.sigmoid(torch.dot(w, x).add(b))
    print(f"step={step} loss={p.log().neg():.4f} pred={p:.3f}")
    g = p.sub(y)
    w.sub_(g.mul(x), alpha=0.5)
    b.sub_(g, alpha=0.5)
