import time

import numpy as np

rng = np.random.default_rng()
w = np.array([0.5406, 0.5869])
b = np.array([-0.1657])
x = np.array([1.0, 2.0])


def forward():
    p = np.reciprocal(1 + np.exp(-(w @ x + b)))
    return p, -np.log(p)


print("noise", rng.normal(), time.perf_counter())
print("one_training_step")
p, loss = forward()
print("prediction_before=", round(p.item(), 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", [np.round((p - 1) * x, 4).tolist()])
print("bias_grad=", np.round(p - 1, 4).tolist())
w -= 0.5 * (p - 1) * x
b -= 0.5 * (p - 1)
p, loss = forward()
print("prediction_after=", round(p.item(), 3))
print("loss_after=", round(loss.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    p, loss = forward()
    print(f"step={step} loss={loss.item():.4f} pred={p.item():.3f}")
    w -= 0.5 * (p - 1) * x
    b -= 0.5 * (p - 1)
