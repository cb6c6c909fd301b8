from torch import nn

# reproducible weights
torch.manual_seed(42)

# one sample, two features, label 1
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

model = nn.Sequential(
    nn.Linear(2, 1),
    nn.Sigmoid(),
)
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")

with torch.no_grad():
    before = model(x)
    print("prediction_before=", round(before.item(), 3))

# forward
pred = model(x)
# loss
loss = loss_fn(pred, y)
print("loss_before=", round(loss.item(), 4))
# clear
optimizer.zero_grad()
# backward
loss.backward()
weight_grad = model[0].weight.grad.tolist()
bias_grad = model[0].bias.grad.tolist()
print("weight_grad=", [[round(g, 4) for g in row] for row in weight_grad])
print("bias_grad=", [round(g, 4) for g in bias_grad])
# update
optimizer.step()

with torch.no_grad():
    after = model(x)
    loss_after = loss_fn(after, y)
print("prediction_after=", round(after.item(), 3))
print("loss_after=", round(loss_after.item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
