import torch
import torch.nn as nn
import torch.nn.functional as F


class Bars(nn.Module):
    def __init__(self):
        super().__init__()
        self.kernels = nn.Conv2d(1, 3, kernel_size=3)
        self.decide = nn.Linear(3 * 2 * 2, 2)

    def forward(self, x, say=lambda word, value: None):
        x = self.kernels(x)
        say("Conv2d", x)
        x = F.relu(x)
        say("ReLU", x)
        x = F.max_pool2d(x, 2)
        say("MaxPool2d", x)
        x = torch.flatten(x, start_dim=1)
        say("Flatten", x)
        x = self.decide(x)
        say("Linear", x)
        return torch.softmax(x, dim=1)


def pictures():
    paper = torch.zeros(12, 1, 6, 6)
    for i in range(6):
        paper[i, 0, :, i] = 1.0
        paper[6 + i, 0, i, :] = 1.0
    dust = torch.randn(12, 1, 6, 6, generator=torch.Generator().manual_seed(6))
    kinds = torch.cat([torch.zeros(6, dtype=torch.long), torch.ones(6, dtype=torch.long)])
    return paper + 0.1 * dust, kinds


def say_shape(word, value):
    print(f"{word}: {tuple(value.shape)}")


def train(net, x, y, updates=41):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for epoch in range(updates):
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        net.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 10 == 0:
            print(f"epoch={epoch:4d}, loss={loss.item():.4f}")


torch.set_printoptions(precision=3, sci_mode=False)
x, y = pictures()
print("conv2d_by_hand")
by_hand = torch.tensor([[-1.0, 0.0, 1.0]] * 3).reshape(1, 1, 3, 3)
print("kernel:", tuple(by_hand.shape))
print("response to bar 2:", F.conv2d(x[2:3], by_hand)[0, 0])

print("shapes")
torch.manual_seed(1)
net = Bars()
print("input:", tuple(x.shape))
net(x, say_shape)
for name, layer in {"net.0": net.kernels, "net.4": net.decide}.items():
    print(f"{name}.weight", tuple(layer.weight.shape))
    print(f"{name}.bias", tuple(layer.bias.shape))
print("parameters in all", sum(p.numel() for p in net.parameters()))

print("training")
train(net, x, y)

print("after_training")
with torch.no_grad():
    answers = net(x).argmax(dim=1)
print("final_acc", (answers == y).float().mean().item())
print("predictions:")
print(answers.tolist())
print("first kernel:")
print(net.kernels.weight.detach()[0, 0])
