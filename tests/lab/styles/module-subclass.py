import torch
from torch import nn


class OneNeuron(nn.Module):
    """A linear layer and a sigmoid."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.sigmoid(self.fc(batch))


torch.manual_seed(42)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
model = OneNeuron()
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
pred = model(x)
print("prediction_before=", round(pred.item(), 3))
loss = loss_fn(pred, y)
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", [[round(v, 4) for v in model.fc.weight.grad[0].tolist()]])
print("bias_grad=", [round(model.fc.bias.grad.item(), 4)])
optimizer.step()
with torch.no_grad():
    pred = model(x)
    print("prediction_after=", round(pred.item(), 3))
    print("loss_after=", round(loss_fn(pred, y).item(), 4))

print("mini_training_loop")
for step in range(5):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("step=" + str(step + 1), "loss=" + str(round(loss.item(), 4)), "pred=" + str(round(pred.item(), 3)))
