import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Groups(Dataset):
    def __init__(self, n=24):
        g = torch.Generator().manual_seed(2)
        middle = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
        self.y = torch.tensor([i % 3 for i in range(n)])
        self.x = middle[self.y] + 0.9 * torch.randn(n, 2, generator=g)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 8)
        self.drop = nn.Dropout(p=0.25)
        self.outer = nn.Linear(8, 3)

    def forward(self, x):
        return self.outer(self.drop(F.relu(self.inner(x))))


@torch.no_grad()
def judge(net, data):
    net.eval()
    out = net(data.x)
    return F.cross_entropy(out, data.y).item(), out.argmax(1)


def main():
    data = Groups()
    loader = DataLoader(data, batch_size=10, shuffle=True, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(3)
    net = Classifier()
    opt = torch.optim.SGD(net.parameters(), lr=0.3)
    for epoch in (1, 2, 3):
        net.train()
        number = 0
        for x, y in loader:
            number += 1
            opt.zero_grad()
            loss = F.cross_entropy(y, net(x))
            loss.backward()
            opt.step()
            if epoch != 3:
                shape = tuple(x.shape)
                print("epoch=%d batch=%d x_shape=%s loss=%.4f" % (epoch, number, str(shape), loss.item()))
        mean, picked = judge(net, data)
        right = int((picked == data.y).sum())
        print("epoch=%d eval_loss=%.4f correct=%d/%d" % (epoch, mean, right, len(data)))
    net.train()
    print("train mode gives the same twice:", bool((net(data.x) == net(data.x)).all()))
    net.eval()
    print("eval mode gives the same twice:", bool((net(data.x) == net(data.x)).all()))
    print("first eight chosen:", [int(c) for c in picked[:8]])
    print("accuracy: %.3f" % (right / len(data)))
    print("confusion_matrix rows=true cols=chosen")
    table = [[0] * 3 for _ in range(3)]
    for t, c in zip(data.y.tolist(), picked.tolist()):
        table[t][c] += 1
    print(table)


main()
