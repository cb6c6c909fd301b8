import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader


class Blobs(Dataset):
    def __init__(self):
        g = torch.Generator().manual_seed(2)
        middle = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
        self.y = torch.arange(24) % 3
        self.X = middle[self.y] + 0.9 * torch.randn(24, 2, generator=g)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 8)
        self.drop = nn.Dropout(p=0.25)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = self.drop(x)
        return self.fc2(x)


class Trainer:
    def __init__(self, net, data):
        self.net = net
        self.data = data
        self.loader = DataLoader(data, batch_size=10, shuffle=True, generator=torch.Generator().manual_seed(1))
        self.criterion = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(net.parameters(), lr=0.3)

    def train_epoch(self, epoch):
        self.net.train()
        for i, (xb, yb) in enumerate(self.loader):
            self.opt.zero_grad()
            out = self.net(xb)
            loss = self.criterion(out, yb)
            loss.backward()
            self.optimizer.step()
            if epoch < 3:
                print("epoch={} batch={} x_shape={} loss={:.4f}".format(epoch, i + 1, tuple(xb.shape), loss.item()))

    @torch.no_grad()
    def test(self, epoch):
        self.net.eval()
        out = self.net(self.data.X)
        pred = out.argmax(1)
        hits = int((pred == self.data.y).sum())
        print("epoch={} eval_loss={:.4f} correct={}/24".format(epoch, self.criterion(out, self.data.y).item(), hits))
        return pred


data = Blobs()
torch.manual_seed(3)
trainer = Trainer(Net(), data)
for epoch in [1, 2, 3]:
    trainer.train_epoch(epoch)
    pred = trainer.test(epoch)

net = trainer.net
net.train()
print("train mode gives the same twice:", bool((net(data.X) == net(data.X)).all()))
net.eval()
print("eval mode gives the same twice:", bool((net(data.X) == net(data.X)).all()))
print("first eight chosen:", pred.tolist()[:8])
print("accuracy: {:.3f}".format((pred == data.y).sum().item() / 24))
conf = [[0] * 3 for _ in range(3)]
for t, p in zip(data.y.tolist(), pred.tolist()):
    conf[t][p] += 1
print("confusion_matrix rows=true cols=chosen")
print(conf)
