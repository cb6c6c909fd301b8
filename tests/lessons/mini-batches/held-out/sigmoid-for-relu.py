import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def experiment():
    def data():
        def cloud(seed):
            return torch.randn(24, 2, generator=torch.Generator().manual_seed(seed))

        kinds = torch.arange(24) % 3
        home = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
        return torch.addcmul(home[kinds], torch.tensor(0.9), cloud(2)), kinds

    points, kinds = data()
    shuffled = DataLoader(TensorDataset(points, kinds), 10, shuffle=True, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(3)
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 8), nn.Sigmoid()), nn.Dropout(0.25), nn.Linear(8, 3))
    opt = torch.optim.SGD([{"params": model.parameters(), "lr": 0.3}])
    loss_fn = nn.CrossEntropyLoss()
    chosen = None
    for epoch in (1, 2, 3):
        for train in (True, False):
            model.train(train)
            if train:
                for batch, pair in enumerate(shuffled, 1):
                    x, y = pair
                    with torch.enable_grad():
                        loss = loss_fn(input=model(x), target=y)
                        opt.zero_grad()
                        loss.backward()
                        opt.step()
                    if epoch in (1, 2):
                        print(f"epoch={epoch}", f"batch={batch}", f"x_shape={tuple(x.shape)}", f"loss={loss:.4f}")
            else:
                with torch.no_grad():
                    scores = model(points)
                    loss = loss_fn(scores, kinds)
                    chosen = torch.topk(scores, 1, dim=1).indices.squeeze(1)
                    print(f"epoch={epoch} eval_loss={loss:.4f} correct={int((chosen == kinds).sum())}/24")
    return model, points, kinds, chosen


model, points, kinds, chosen = experiment()
model.train()
print("train mode gives the same twice:", torch.equal(*[model(points) for _ in range(2)]))
model.eval()
print("eval mode gives the same twice:", torch.equal(*[model(points) for _ in range(2)]))
print("first eight chosen:", chosen[:8].tolist())
print(f"accuracy: {sum(a == b for a, b in zip(chosen.tolist(), kinds.tolist())) / 24:.3f}")
print("confusion_matrix rows=true cols=chosen")
pairs = list(zip(kinds.tolist(), chosen.tolist()))
print([[pairs.count((row, col)) for col in (0, 1, 2)] for row in (0, 1, 2)])
