import torch
from torch import nn

torch.manual_seed(42)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def rounded(tensor, decimals):
    """Give the nested list that a tensor of any shape prints as."""
    if tensor.dim() == 0:
        return round(tensor.item(), decimals)
    return [rounded(part, decimals) for part in tensor]


print("without_zero_grad")

for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    # This step's own gradients, computed beside .grad; the graph is kept for backward().
    weight_signal, bias_signal = torch.autograd.grad(loss, model.parameters(), retain_graph=True)
    loss.backward()
    print(
        f"step={step} loss={loss.item():.4f}",
        f"weight_grad={rounded(weight_signal, 4)} bias_grad={rounded(bias_signal, 4)}",
        f"weight_signal={rounded(model[0].weight.grad, 4)} bias_signal={rounded(model[0].bias.grad, 4)}",
    )
    optimizer.step()
