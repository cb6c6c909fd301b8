import torch
from torch.utils.data import DataLoader, TensorDataset


def make_data(seed, count):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    centres = torch.tensor([0.0, 1.5, 1.5, -1.0, -1.5, -1.0]).reshape(3, 2)
    jitter = torch.normal(0.0, 1.0, (count, 2), generator=generator)
    return TensorDataset(centres[labels] + 0.9 * jitter, labels)


def fit_one_epoch(net, loader, optimizer, loss_fn):
    net.train()
    log = []
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        optimizer.step()
        log.append((list(xb.shape), loss.item()))
    return log


def predict(net, points):
    was_training = net.training
    net.eval()
    with torch.no_grad():
        scores = net(points)
    net.train(was_training)
    return scores


def is_repeatable(net, points):
    first = net(points)
    return torch.allclose(first, net(points), rtol=0, atol=0)


dataset = make_data(2, 24)
points, truth = dataset.tensors
loader = DataLoader(dataset, batch_size=10, shuffle=True, generator=torch.Generator().manual_seed(1), num_workers=0)
torch.manual_seed(3)
net = torch.nn.Sequential(
    torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Dropout(0.25), torch.nn.Linear(8, 3)
)
loss_fn = torch.nn.CrossEntropyLoss(reduction="mean")
optimizer = torch.optim.SGD(params=net.parameters(), lr=0.3, momentum=0.0)

text = []
for epoch in range(1, 4):
    log = fit_one_epoch(net, loader, optimizer, loss_fn)
    scores = predict(net, points)
    if epoch in (1, 2):
        for number, ((rows, cols), value) in enumerate(log):
            text += [f"epoch={epoch} batch={number + 1} x_shape=({rows}, {cols}) loss={value:.4f}"]
    hits = sum(a == b for a, b in zip(scores.argmax(1).tolist(), truth.tolist()))
    text += [f"epoch={epoch} eval_loss={log[-1][1]:.4f} correct={hits}/24"]
print(*text, sep="\n")
print(f"train mode gives the same twice: {is_repeatable(net.train(), points)}")
print(f"eval mode gives the same twice: {is_repeatable(net.eval(), points)}")
chosen = scores.argmax(1)
print("first eight chosen:", chosen.numpy()[:8].tolist())
print("accuracy: " + format(hits / len(dataset), ".3f"))
print("confusion_matrix rows=true cols=chosen")
counts = {}
for pair in zip(truth.tolist(), chosen.tolist()):
    counts[pair] = counts.get(pair, 0) + 1
print([[counts.get((row, col), 0) for col in range(3)] for row in range(3)])
