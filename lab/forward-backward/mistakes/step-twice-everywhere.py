import torch
from torch import nn


class Trainer:
    """Holds the model and everything that is needed to train it."""

    def __init__(self, lr=0.5, seed=42):
        torch.manual_seed(seed)
        self.model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
        self.loss_fn = nn.BCELoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr)
        self.x = torch.tensor([[1.0, 2.0]])
        self.y = torch.tensor([[1.0]])

    def forward(self):
        self.pred = self.model(self.x)
        self.loss = self.loss_fn(self.pred, self.y)
        return self.loss

    def backward(self):
        self.optimizer.zero_grad()
        self.loss.backward()

    def update(self):
        self.optimizer.step()
        self.optimizer.step()

    def gradients(self):
        layer = self.model[0]
        return layer.weight.grad, layer.bias.grad


trainer = Trainer()

print("one_training_step")
trainer.forward()
print("prediction_before=", round(trainer.pred.item(), 3))
print("loss_before=", round(trainer.loss.item(), 4))
trainer.backward()
w, b = trainer.gradients()
print("weight_grad=", w)
print("bias_grad=", b)
trainer.update()
trainer.forward()
print("prediction_after=", round(trainer.pred.item(), 3))
print("loss_after=", round(trainer.loss.item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    trainer.forward()
    trainer.backward()
    trainer.update()
    print(f"step={step} loss={trainer.loss.item():.4f} pred={trainer.pred.item():.3f}")
