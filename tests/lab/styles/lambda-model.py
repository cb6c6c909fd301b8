import torch
from torch import nn

torch.manual_seed(42)
f = nn.Linear(2, 1)
model = lambda inputs: f(inputs).sigmoid()
bce = lambda p, t: nn.functional.binary_cross_entropy(p, t)
sgd = torch.optim.SGD(f.parameters(), lr=0.5)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
r = lambda t, n: round(t.item(), n)

print("one_training_step")
p = model(x); l = bce(p, y)
print("prediction_before=", r(p, 3)); print("loss_before=", r(l, 4))
sgd.zero_grad(); l.backward()
print("weight_grad=", f.weight.grad); print("bias_grad=", f.bias.grad)
sgd.step()
p = model(x); l = bce(p, y)
print("prediction_after=", r(p, 3)); print("loss_after=", r(l, 4))
print("mini_training_loop")
for s in range(1, 6):
    p = model(x); l = bce(p, y); sgd.zero_grad(); l.backward(); sgd.step()
    print(f"step={s} loss={r(l, 4)} pred={r(p, 3)}")
