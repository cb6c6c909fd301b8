import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

spread = torch.Generator().manual_seed(2)
centers = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
labels = torch.arange(24) % 3
points = centers[labels] + 0.9 * torch.randn(24, 2, generator=spread)

order = torch.Generator().manual_seed(1)
loader = DataLoader(TensorDataset(points, labels), batch_size=10, shuffle=True, generator=order)

torch.manual_seed(3)
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.25), nn.Linear(8, 3))
model[0].requires_grad_(False)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)


def evaluate():
    """Score every point with dropout switched off; give the mean loss and the chosen classes."""
    model.eval()
    with torch.no_grad():
        scores = model(points)
    return loss_fn(scores, labels).item(), scores.argmax(dim=1)


for epoch in range(1, 4):
    model.train()
    for batch, (x, y) in enumerate(loader, 1):
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch < 3:
            print(f"epoch={epoch} batch={batch} x_shape={tuple(x.shape)} loss={loss.item():.4f}")
    eval_loss, chosen = evaluate()
    print(f"epoch={epoch} eval_loss={eval_loss:.4f} correct={(chosen == labels).sum().item()}/24")

model.train()
print("train mode gives the same twice:", torch.equal(model(points), model(points)))
model.eval()
print("eval mode gives the same twice:", torch.equal(model(points), model(points)))
print("first eight chosen:", chosen[:8].tolist())
print(f"accuracy: {(chosen == labels).float().mean().item():.3f}")

table = torch.zeros(3, 3, dtype=torch.int64)
for true, guess in zip(labels, chosen):
    table[true, guess] += 1
print("confusion_matrix rows=true cols=chosen")
print(table.tolist())
