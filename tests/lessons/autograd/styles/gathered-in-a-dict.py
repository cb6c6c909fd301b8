import torch
from contextlib import redirect_stdout
from io import StringIO

facts = {}
x = torch.scalar_tensor(2.0).requires_grad_(True)
y = torch.sum(torch.stack([x**3, 5 * x]))
z = x**3 + 5 * x
facts["kinds"] = (x.is_leaf, z.is_leaf, type(z.grad_fn).__name__, x.grad)
slopes = []
for count in range(3):
    out = x**3 + 5 * x
    out.backward()
    slopes.append(x.grad.clone().item())
x.grad = None
z.backward()
slopes.append(x.grad.item())

w = torch.tensor(3.0, requires_grad=True)
stopped = w.data
facts["whole"], = torch.autograd.grad(outputs=w**2, inputs=w)
facts["cut"], = torch.autograd.grad(outputs=stopped * w, inputs=w)
with torch.inference_mode():
    facts["silent"] = (w * w).requires_grad

torch.manual_seed(3)
leaves = [torch.randn(2, 3), torch.randn(3)]
for leaf in leaves:
    leaf.requires_grad = True
hidden = (leaves[0] @ leaves[1]).tanh()
loss = hidden @ hidden
facts["hidden"] = torch.autograd.grad(loss, hidden, retain_graph=True)[0]
loss.backward()

text = StringIO()
with redirect_stdout(text):
    print("leaf_and_result")
    print(f"x={x.item()} -> y={y.item()}")
    leaf, result, made_by, nothing = facts["kinds"]
    print("x.is_leaf:", leaf, end="  ")
    print("y.is_leaf:", result)
    print("y.grad_fn:", made_by)
    print("x.grad before:", nothing)
    print("x.grad:", slopes[0])
    print("accumulation")
    for count, slope in zip((2, 3, 1), slopes[1:]):
        print(f"times={count} grad={slope}")
    print("detach")
    print("values equal:", (w**2).item() == (stopped * w).item())
    print(f"{'whole':<7}:", facts["whole"].item())
    print(f"{'cut':<7}:", facts["cut"].item())
    print("inside no_grad: requires_grad", facts["silent"])
    print("chain")
    print("loss=%.4f" % loss, "hidden=%s" % [round(v, 4) for v in hidden.tolist()])
    for name, values in zip(("hidden.grad", "b.grad"), (facts["hidden"], leaves[1].grad)):
        print(name + ":", [round(v, 4) for v in values.tolist()])
    print("a.grad:", [[round(v, 4) for v in row] for row in leaves[0].grad.tolist()])
    slope = facts["hidden"] * (1 - hidden * hidden)
    print("b.grad by hand agrees:", torch.allclose(slope @ leaves[0], leaves[1].grad))
print(text.getvalue(), end="")
