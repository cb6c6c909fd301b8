import torch

layer = torch.nn.Linear(1, 1, bias=False)
layer.weight.data.fill_(2.0)
print("forward=", layer(torch.ones(1)).item())
weight = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
weight.sum().backward()
optimizer.step()
print("step=", weight.item())
print("item=", torch.ones(1).item())
print(
    "loss=",
    torch.nn.functional.binary_cross_entropy(torch.tensor([0.5]), torch.tensor([1.0])).item() > 0.6,
)
