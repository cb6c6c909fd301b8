import torch
from torch.nn import Conv2d, Linear
from torch.nn.functional import conv2d, linear, log_softmax, max_pool2d, nll_loss, relu

torch.set_printoptions(precision=3, sci_mode=False)

upright = torch.eye(6).unsqueeze(1).expand(6, 6, 6)
lying = torch.eye(6).unsqueeze(2).expand(6, 6, 6)
bars = torch.cat((upright, lying)).unsqueeze(1)
bars = bars + 0.1 * torch.randn(12, 1, 6, 6, generator=torch.Generator().manual_seed(6))
kinds = torch.arange(12) // 6

torch.manual_seed(1)
conv, last = Conv2d(1, 3, 3), Linear(12, 2)
kernels, shift = conv.weight, conv.bias
matrix, start = last.weight, last.bias
everything = [kernels, shift, matrix, start]

stages = {
    "Conv2d": lambda v: conv2d(v, kernels, shift),
    "ReLU": lambda v: relu(v),
    "MaxPool2d": lambda v: max_pool2d(v, 2),
    "Flatten": lambda v: v.reshape(len(v), -1),
    "Linear": lambda v: linear(v, matrix, start),
}


def scores_of(values):
    for stage in stages.values():
        values = stage(values)
    return values


print("conv2d_by_hand")
edge = torch.tensor([-1.0, 0.0, 1.0]).repeat(1, 1, 3, 1)
print("kernel:", tuple(edge.shape))
print("response to bar 2:", conv2d(bars[2:3], edge).squeeze(0).squeeze(0))

print("shapes")
values = bars
print("input:", tuple(values.shape))
for name, stage in stages.items():
    values = stage(values)
    print(name + ":", tuple(values.shape))
for name, tensor in zip(("0.weight", "0.bias", "4.weight", "4.bias"), everything):
    print("net." + name, tuple(tensor.shape))
print("parameters in all", sum(tensor.numel() for tensor in everything))

print("training")
for epoch in range(41):
    value = nll_loss(log_softmax(scores_of(bars), dim=1), kinds)
    slopes = torch.autograd.grad(value, everything)
    for tensor, slope in zip(everything, slopes):
        tensor -= 0.5 * slope
    if epoch in (0, 10, 20, 30, 40):
        print(f"epoch={epoch:4d}, loss={value.item():.4f}")

print("after_training")
with torch.inference_mode():
    chosen = scores_of(bars).argmax(1)
print("final_acc", torch.mean((chosen == kinds).float()).item())
print("predictions:")
print(chosen.tolist())
print("first kernel:")
print(kernels.detach()[0, 0])
