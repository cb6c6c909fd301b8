import torch as t

t.manual_seed(42)
lin = t.nn.Linear(2, 1)
x = t.tensor([[1.0, 2.0]])
y = t.tensor([[1.0]])
bce = t.nn.functional.binary_cross_entropy


def step():
    p = lin(x).sigmoid()
    loss = bce(p, y)
    loss.backward()
    return loss, p


def move():
    lin.weight.data.sub_(0.5 * lin.weight.grad.data)
    lin.bias.data.sub_(0.5 * lin.bias.grad.data)
    lin.weight.grad = None
    lin.bias.grad = None


print("one_training_step")
loss, p = step()
print("prediction_before=", round(p.item(), 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", lin.weight.grad)
print("bias_grad=", lin.bias.grad)
move()
with t.no_grad():
    p = lin(x).sigmoid()
    print("prediction_after=", round(p.item(), 3))
    print("loss_after=", round(bce(p, y).item(), 4))
print("mini_training_loop")
for k in range(1, 6):
    loss, p = step()
    move()
    print(f"step={k} loss={loss.item():.4f} pred={p.item():.3f}")
