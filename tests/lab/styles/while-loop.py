import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

step = 0
while True:
    pred = model(x)
    loss = loss_fn(pred, y)
    if step == 0:
        print("one_training_step")
        print("prediction_before=", round(pred.item(), 3))
        print("loss_before=", round(loss.item(), 4))
    optimizer.zero_grad()
    loss.backward()
    if step == 0:
        print("weight_grad=", model[0].weight.grad)
        print("bias_grad=", model[0].bias.grad)
    optimizer.step()
    if step == 0:
        with torch.no_grad():
            after = model(x)
            print("prediction_after=", round(after.item(), 3))
            print("loss_after=", round(loss_fn(after, y).item(), 4))
        print("mini_training_loop")
    else:
        print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
    step += 1
    if step > 5:
        break
