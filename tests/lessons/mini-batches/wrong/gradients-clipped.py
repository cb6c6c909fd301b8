import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, BATCH, RATE = 3, 10, 0.3


def make_points():
    kinds = torch.arange(24) % 3
    homes = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
    away = torch.randn(24, 2, generator=torch.Generator().manual_seed(2))
    return homes[kinds] + 0.9 * away, kinds


class Sorter(nn.Module):
    def __init__(self, inputs=2, hidden=8, outputs=3):
        super().__init__()
        self.enter = nn.Linear(inputs, hidden)
        self.leave = nn.Linear(hidden, outputs)

    def forward(self, x):
        x = torch.relu(self.enter(x))
        x = F.dropout(x, p=0.25, training=self.training)
        return self.leave(x)


class Fit:
    def __init__(self, points, kinds):
        self.points, self.kinds = points, kinds
        shuffler = torch.Generator().manual_seed(1)
        self.batches = DataLoader(TensorDataset(points, kinds), BATCH, shuffle=True, generator=shuffler)
        torch.manual_seed(3)
        self.sorter = Sorter()
        self.optimizer = optim.SGD(self.sorter.parameters(), lr=RATE)

    def update(self, x, y):
        self.sorter.train()
        logits = self.sorter(x)
        loss = F.cross_entropy(logits, y)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.sorter.parameters(), 0.1)
        self.optimizer.step()
        return loss.item()

    def epoch(self, number):
        for place, (x, y) in enumerate(self.batches):
            loss = self.update(x, y)
            if number < EPOCHS:
                print(f"epoch={number} batch={place + 1} x_shape={tuple(x.shape)} loss={loss:.4f}")

    @torch.no_grad()
    def judge(self, number):
        self.sorter.eval()
        logits = self.sorter(self.points)
        loss = F.cross_entropy(logits, self.kinds)
        self.chosen = logits.argmax(dim=1)
        self.correct = (self.chosen == self.kinds).sum().item()
        print(f"epoch={number} eval_loss={loss.item():.4f} correct={self.correct}/24")


fit = Fit(*make_points())
for number in range(1, EPOCHS + 1):
    fit.epoch(number)
    fit.judge(number)

for name, mode in (("train", True), ("eval", False)):
    fit.sorter.train(mode)
    same = torch.equal(fit.sorter(fit.points), fit.sorter(fit.points))
    print(f"{name} mode gives the same twice: {same}")
print(f"first eight chosen: {fit.chosen[:8].tolist()}")
print(f"accuracy: {fit.correct / 24:.3f}")
print("confusion_matrix rows=true cols=chosen")
pairs = list(zip(fit.kinds.tolist(), fit.chosen.tolist()))
print([[pairs.count((true, chosen)) for chosen in range(3)] for true in range(3)])
