from datetime import datetime
from math import exp, log


def forward(params, x):
    w1, w2, b = params
    p = 1 / (1 + exp(-(w1 * x[0] + w2 * x[1] + b)))
    return p, -log(p)


def gradients(p, x):
    return (p - 1) * x[0], (p - 1) * x[1], p - 1


def stepped(params, grads):
    return tuple(value - 0.5 * grad for value, grad in zip(params, grads))


x = (1.0, 2.0)
params = (0.5406, 0.5869, -0.1657)
print(datetime.now())
print("one_training_step")
p, loss = forward(params, x)
g1, g2, gb = gradients(p, x)
print("prediction_before=", round(p, 3))
print("loss_before=", round(loss, 4))
print("weight_grad=", [[round(g1, 4), round(g2, 4)]])
print("bias_grad=", [round(gb, 4)])
params = stepped(params, (g1, g2, gb))
p, loss = forward(params, x)
print("prediction_after=", round(p, 3))
print("loss_after=", round(loss, 4))
print("mini_training_loop")
for step in range(1, 6):
    p, loss = forward(params, x)
    print(f"step={step} loss={loss:.4f} pred={p:.3f}")
    params = stepped(params, gradients(p, x))
