import torch
from torch import nn

torch.manual_seed(42)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

try:
    print("one_training_step")
    with torch.set_grad_enabled(False):
        print("prediction_before=", round(model(x).item(), 3))
    with torch.enable_grad():
        pred = model(x)
        loss = loss_fn(pred, y)
    print("loss_before=", round(loss.item(), 4))
    optimizer.zero_grad()
    loss.backward(retain_graph=False)
    print("weight_grad=", model[0].weight.grad)
    print("bias_grad=", model[0].bias.grad)
    optimizer.step()
    with torch.set_grad_enabled(False):
        pred = model(x)
        print("prediction_after=", round(pred.item(), 3))
        print("loss_after=", round(loss_fn(pred, y).item(), 4))
    print("mini_training_loop")
    for step in range(1, 6):
        pred = model(x)
        loss = loss_fn(pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
finally:
    print("finished")
