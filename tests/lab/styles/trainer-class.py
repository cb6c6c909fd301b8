import torch
from torch import nn


class Trainer:
    """Owns a model and trains it one step at a time."""

    def __init__(self, model, lr):
        self.model = model
        self.loss_fn = nn.BCELoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def evaluate(self, x, y):
        with torch.no_grad():
            pred = self.model(x)
            return pred.item(), self.loss_fn(pred, y).item()

    def __call__(self, x, y):
        self.pred = self.model(x)
        self.loss = self.loss_fn(self.pred, y)
        self.optimizer.zero_grad()
        self.loss.backward()
        self.optimizer.step()
        return self

    def __str__(self):
        return f"loss={self.loss.item():.4f} pred={self.pred.item():.3f}"


torch.manual_seed(42)
trainer = Trainer(nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()), lr=0.5)
sample = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])

print("one_training_step")
print("prediction_before= %.3f" % trainer.evaluate(*sample)[0])
trainer(*sample)
print("loss_before= %.4f" % trainer.loss.item())
print("weight_grad=", trainer.model[0].weight.grad)
print("bias_grad=", trainer.model[0].bias.grad)
print("prediction_after= %.3f\nloss_after= %.4f" % trainer.evaluate(*sample))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step}", trainer(*sample))
