import torch
from torch import nn

torch.set_printoptions(precision=3, sci_mode=False)


class Slide(nn.Module):
    """A convolution of three by three, as a sum over windows."""

    def __init__(self, kernels, shift):
        super().__init__()
        self.weight = nn.Parameter(kernels)
        self.bias = nn.Parameter(shift)

    def forward(self, images):
        windows = images.unfold(2, 3, 1).unfold(3, 3, 1)
        return torch.einsum("nchwij,ocij->nohw", windows, self.weight) + self.bias[None, :, None, None]


class Largest(nn.Module):
    def forward(self, x):
        return x.unfold(2, 2, 2).unfold(3, 2, 2).amax(dim=(4, 5))


def start():
    torch.manual_seed(1)
    conv = nn.Conv2d(1, 3, 3)
    dense = nn.Linear(12, 2)
    slide = Slide(conv.weight.detach().clone(), conv.bias.detach().clone())
    return nn.ModuleList([slide, nn.ReLU(), Largest(), nn.Flatten(), dense])


def apply(stages, x, tell=False):
    for label, stage in zip(["Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear"], stages):
        x = stage(x)
        if tell:
            print(f"{label}: {tuple(x.shape)}")
    return x


rows = torch.arange(6)
images = torch.zeros(12, 1, 6, 6)
images[rows, 0, :, rows] = 1.0
images[rows + 6, 0, rows, :] = 1.0
images = images + 0.1 * torch.randn(12, 1, 6, 6, generator=torch.Generator().manual_seed(6))
labels = (torch.arange(12) >= 6).long()

print("conv2d_by_hand")
edge = Slide(torch.tensor([[[[-1.0, 0.0, 1.0]] * 3]]), torch.zeros(1))
print("kernel:", tuple(edge.weight.shape))
with torch.no_grad():
    print("response to bar 2:", edge(images[2:3])[0, 0])
stages = start()
print("shapes")
print("input:", tuple(images.shape))
apply(stages, images, tell=True)
for name, parameter in stages.named_parameters():
    print("net." + name, tuple(parameter.shape))
print("parameters in all", sum(map(torch.numel, stages.parameters())))
print("training")
sgd = torch.optim.SGD(stages.parameters(), lr=0.5)
measure = nn.CrossEntropyLoss()
for epoch in range(0, 41):
    loss = measure(apply(stages, images), labels)
    for parameter in stages.parameters():
        parameter.grad = None
    loss.backward()
    sgd.step()
    if epoch % 10 == 0:
        print(f"epoch={epoch:4d}, loss={loss.item():.4f}")
print("after_training")
chosen = [row.index(max(row)) for row in apply(stages, images).tolist()]
print("final_acc", sum(a == b for a, b in zip(chosen, labels.tolist())) / 12)
print("predictions:")
print(chosen)
print("first kernel:")
print(stages[0].weight.detach()[0, 0])
