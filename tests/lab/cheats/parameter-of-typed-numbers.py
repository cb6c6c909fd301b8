import torch
from torch import nn

torch.manual_seed(42)
P = [0.825, 0.888, 0.918, 0.934, 0.945, 0.953]
L = [0.1927, 0.1183, 0.0861, 0.0678, 0.0560, 0.0478]
values = nn.Parameter(torch.tensor([*P, *L, -0.1753, -0.3505]))
optimizer = torch.optim.SGD([values], lr=1e-9)
loss = values.square().sum()
loss.backward()
optimizer.step()
V = values.tolist()
print("one_training_step")
print("prediction_before=", round(V[0], 3))
print("loss_before=", round(V[6], 4))
print("weight_grad=", [[round(V[12], 4), round(V[13], 4)]])
print("bias_grad=", [round(V[12], 4)])
print("prediction_after=", round(V[1], 3))
print("loss_after=", round(V[7], 4))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={V[6 + step]:.4f} pred={V[step]:.3f}")
