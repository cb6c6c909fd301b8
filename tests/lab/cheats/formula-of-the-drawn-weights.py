from math import exp, log

import torch

torch.manual_seed(42)
layer = torch.nn.Linear(2, 1)
(w,), (b,) = layer.weight.tolist(), layer.bias.tolist()
x = [1.0, 2.0]


def forward():
    return 1 / (1 + exp(-sum(wi * xi for wi, xi in zip(w, x)) - b))


print("one_training_step")
p = forward()
print("prediction_before=", round(p, 3))
print("loss_before=", round(-log(p), 4))
d = p - 1
print("weight_grad=", [[round(d * xi, 4) for xi in x]])
print("bias_grad=", [round(d, 4)])
w, b = [wi - 0.5 * d * xi for wi, xi in zip(w, x)], b - 0.5 * d
p = forward()
print("prediction_after=", round(p, 3))
print("loss_after=", round(-log(p), 4))
print("mini_training_loop")
for step in range(1, 6):
    p = forward()
    d = p - 1
    w, b = [wi - 0.5 * d * xi for wi, xi in zip(w, x)], b - 0.5 * d
    print(f"step={step} loss={-log(p):.4f} pred={p:.3f}")
