import torch
from torch import nn, optim
from torch.utils import data

x = torch.empty(24, 2)
y = torch.empty(24, dtype=torch.long)
corners = [(0.0, 1.5), (1.5, -1.0), (-1.5, -1.0)]
noise = torch.randn(24, 2, generator=torch.Generator().manual_seed(2))
for i in range(24):
    y[i] = i % 3
    x[i] = torch.tensor(corners[i % 3])
x += 0.9 * noise

sampler = data.RandomSampler(range(24), generator=torch.Generator().manual_seed(1))
loader = data.DataLoader(data.TensorDataset(x, y), batch_sampler=data.BatchSampler(sampler, 10, False),
                         generator=sampler.generator)

torch.manual_seed(3)
layers = nn.ModuleDict({"in": nn.Linear(2, 8), "drop": nn.Dropout(0.25), "out": nn.Linear(8, 3)})


def net(values):
    values = layers["in"](values).clamp(min=0)
    return layers["out"](layers["drop"](values))


opt = optim.SGD(layers.parameters(), 0.3)
measure = nn.CrossEntropyLoss()
epoch = 1
while epoch <= 3:
    layers.train(True)
    stream, batch = iter(loader), 1
    while True:
        try:
            bx, by = next(stream)
        except StopIteration:
            break
        loss = measure(net(bx), by)
        layers.zero_grad()
        loss.backward()
        opt.step()
        if epoch <= 2:
            print("epoch={} batch={} x_shape={} loss={:.4f}".format(epoch, batch, tuple(bx.shape), loss.item()))
        batch += 1
    layers.train(False)
    with torch.inference_mode():
        result = net(x)
    chosen = torch.argmax(result, dim=1)
    correct = torch.count_nonzero(chosen.eq(y)).item()
    print("epoch={} eval_loss={:.4f} correct={}/24".format(epoch, measure(result, y).item(), correct))
    epoch += 1

for mode in ("train", "eval"):
    layers.train(mode == "train")
    one = net(x)
    two = net(x)
    print(mode, "mode gives the same twice:", one.tolist() == two.tolist())
print("first eight chosen:", chosen[0:8].tolist())
print("accuracy: {:.3f}".format(correct / 24))
print("confusion_matrix rows=true cols=chosen")
print([[int(((y == t) & (chosen == c)).sum()) for c in range(3)] for t in range(3)])
