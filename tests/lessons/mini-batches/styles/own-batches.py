# without a loader: the order is drawn as a loader draws it
import torch
from torch import nn

g1, g2 = torch.Generator(), torch.Generator()
g1.manual_seed(2)
g2.manual_seed(1)
target = torch.arange(24).remainder(3)
inputs = torch.stack([torch.tensor([0.0, 1.5]), torch.tensor([1.5, -1.0]), torch.tensor([-1.5, -1.0])])[target]
inputs = inputs.add(torch.randn(24, 2, generator=g1), alpha=0.9)

torch.manual_seed(3)
net = nn.Sequential()
net.add_module("a", nn.Linear(2, 8))
net.add_module("relu", nn.ReLU())
net.add_module("drop", nn.Dropout(0.25))
net.add_module("b", nn.Linear(8, 3))
objective = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(net.parameters(), lr=0.3)


def deal():
    torch.empty((), dtype=torch.int64).random_(generator=g2)
    order = torch.randperm(24, generator=g2)
    torch.randperm(24, generator=g2)  # a sampler shuffles once more for what is left over
    return order.split(10)


for epoch in range(1, 4):
    net.train()
    for k, part in enumerate(deal(), start=1):
        sgd.zero_grad()
        out = objective(net(inputs[part]), target[part])
        out.backward()
        sgd.step()
        if epoch < 3:
            print(f"epoch={epoch} batch={k} x_shape={tuple(inputs[part].shape)} loss={out.item():.4f}")
    net.eval()
    with torch.no_grad():
        answer = net(inputs)
    good = (answer.argmax(dim=1) == target).sum().item()
    print(f"epoch={epoch} eval_loss={objective(answer, target).item():.4f} correct={good}/24")

net.train()
print("train mode gives the same twice:", torch.equal(net(inputs), net(inputs)))
net.eval()
print("eval mode gives the same twice:", torch.equal(net(inputs), net(inputs)))
picked = answer.argmax(dim=1)
print("first eight chosen:", picked.tolist()[:8])
print(f"accuracy: {good / 24:.3f}")
print("confusion_matrix rows=true cols=chosen")
grid = torch.zeros(3, 3).index_put((target, picked), torch.ones(24), accumulate=True)
print(grid.int().tolist())
