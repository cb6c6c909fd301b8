import torch

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Sigmoid())
loss_fn = torch.nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
with torch.no_grad():
    print("prediction_before=", round(model(x).item(), 3))
optimizer.zero_grad()
pred = model(x)
loss = loss_fn(pred, y)
loss.backward()
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", [[round(g, 4) for g in model[0].weight.grad[0].tolist()]])
print("bias_grad=", [round(model[0].bias.grad.item(), 4)])
with torch.no_grad():
    pred_after = model(x)
print("prediction_after=", round(pred_after.item(), 3))
print("loss_after=", round(loss_fn(pred_after, y).item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    optimizer.zero_grad()
    pred = model(x)
    loss = loss_fn(pred, y)
    loss.backward()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
