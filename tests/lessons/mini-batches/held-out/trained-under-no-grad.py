from contextlib import contextmanager

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@contextmanager
def judged(net):
    net.eval()
    with torch.inference_mode():
        yield net
    net.train()


def blobs():
    which = torch.arange(24).remainder(3)
    middles = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
    around = torch.randn(24, 2, generator=torch.Generator().manual_seed(2))
    return middles[which] + 0.9 * around, which


def learn(net, batches, rate):
    for number, (inputs, wanted) in enumerate(batches, start=1):
        net.zero_grad()
        with torch.no_grad():
            value = nn.functional.cross_entropy(net(inputs), wanted)
        value.backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.sub_(parameter.grad, alpha=rate)
        yield number, inputs.shape, value.item()


points, which = blobs()
batches = DataLoader(
    TensorDataset(points, which),
    batch_size=10,
    shuffle=True,
    generator=torch.Generator().manual_seed(1),
)
torch.manual_seed(3)
net = nn.Sequential()
net.add_module("first", nn.Linear(2, 8))
net.add_module("bend", nn.ReLU())
net.add_module("drop", nn.Dropout(0.25))
net.add_module("last", nn.Linear(8, 3))

for epoch in range(1, 4):
    for number, shape, value in learn(net, batches, 0.3):
        if epoch != 3:
            print(f"epoch={epoch} batch={number} x_shape={tuple(shape)} loss={value:.4f}")
    with judged(net):
        scores = net(points)
        mean = nn.functional.cross_entropy(scores, which).item()
    chosen = scores.max(1)[1]
    print(f"epoch={epoch} eval_loss={mean:.4f} correct={chosen.eq(which).sum().item()}/24")

print("train mode gives the same twice:", torch.equal(net(points), net(points)))
with judged(net):
    print("eval mode gives the same twice:", torch.equal(net(points), net(points)))
print("first eight chosen:", [int(c) for c in chosen[:8]])
print(f"accuracy: {chosen.eq(which).float().mean():.3f}")
print("confusion_matrix rows=true cols=chosen")
print([[int(((which == r) & (chosen == c)).sum()) for c in range(3)] for r in range(3)])
