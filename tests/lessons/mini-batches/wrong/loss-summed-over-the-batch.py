import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(3)
first = nn.Linear(2, 8)
second = nn.Linear(8, 3)
weights = [*first.parameters(), *second.parameters()]

gen_points = torch.Generator().manual_seed(2)
gen_order = torch.Generator().manual_seed(1)
y_all = torch.tensor([0, 1, 2] * 8)
x_all = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]]).index_select(0, y_all)
x_all = x_all + torch.randn(24, 2, generator=gen_points) * 0.9
batches = DataLoader(TensorDataset(x_all, y_all), 10, True, generator=gen_order)


def scores_of(x, training):
    hidden = F.relu(F.linear(x, first.weight, first.bias))
    hidden = F.dropout(hidden, 0.25, training=training)
    return F.linear(hidden, second.weight, second.bias)


def cost_of(scores, y):
    return F.nll_loss(scores.log_softmax(dim=-1), y, reduction="sum")


for epoch in range(3):
    for index, (x, y) in enumerate(batches):
        cost = cost_of(scores_of(x, True), y)
        grads = torch.autograd.grad(cost, weights)
        with torch.no_grad():
            for w, g in zip(weights, grads):
                w -= 0.3 * g
        if epoch in (0, 1):
            print(f"epoch={epoch + 1} batch={index + 1} x_shape={(len(x), x.shape[1])} loss={cost:.4f}")
    with torch.no_grad():
        s = scores_of(x_all, False)
        hits = s.max(dim=1).indices == y_all
        print(f"epoch={epoch + 1} eval_loss={cost_of(s, y_all):.4f} correct={hits.sum()}/24")

a, b = scores_of(x_all, True), scores_of(x_all, True)
print(f"train mode gives the same twice: {torch.equal(a, b)}")
a, b = scores_of(x_all, False), scores_of(x_all, False)
print(f"eval mode gives the same twice: {torch.equal(a, b)}")
guess = a.argmax(-1)
print(f"first eight chosen: {guess.tolist()[:8]}")
print(f"accuracy: {hits.float().mean():.3f}")
print("confusion_matrix rows=true cols=chosen")
print(torch.bincount(3 * y_all + guess, minlength=9).view(3, 3).tolist())
