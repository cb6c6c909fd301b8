import torch
import torch.nn.functional as F
from torch import nn

torch.set_printoptions(precision=3, sci_mode=False)
grain = torch.Generator().manual_seed(6)
images = torch.zeros(12, 1, 6, 6)
for place in range(6):
    images[place, 0, :, place] = 1.0
    images[6 + place, 0, place, :] = 1.0
images += 0.1 * torch.randn(images.shape, generator=grain)
labels = torch.tensor([0] * 6 + [1] * 6)

print("conv2d_by_hand")
edge = torch.tensor([[[[-1.0, 0.0, 1.0]] * 3]])
print("kernel:", tuple(edge.shape))
print("response to bar 2:", F.conv2d(images[2:3], edge)[0, 0])

torch.manual_seed(1)
net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 2))

print("shapes")
signal = images
print("input:", tuple(signal.shape))
for layer in net:
    signal = layer(signal)
    print(f"{type(layer).__name__}: {tuple(signal.shape)}")
for name, parameter in net.named_parameters():
    print(f"net.{name}", tuple(parameter.shape))
print("parameters in all", sum(parameter.numel() for parameter in net.parameters()))

print("training")
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
for epoch in range(41):
    loss = F.cross_entropy(net(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch={epoch:4d}, loss={F.cross_entropy(net(images), labels).item():.4f}")

print("after_training")
with torch.no_grad():
    chosen = net(images).argmax(dim=1)
print("final_acc", (chosen == labels).float().mean().item())
print("predictions:")
print(chosen.tolist())
print("first kernel:")
print(net[0].weight.detach()[0, 0])
