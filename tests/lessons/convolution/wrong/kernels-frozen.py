import torch
from torch import nn
from torch.nn.functional import conv2d


class BarNet(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.conv = nn.Conv2d(in_channels=1, out_channels=channels, kernel_size=3)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(kernel_size=2)
        self.flat = nn.Flatten()
        self.head = nn.Linear(channels * 4, 2)

    def steps(self):
        return [self.conv, self.relu, self.pool, self.flat, self.head]

    def forward(self, x):
        for step in self.steps():
            x = step(x)
        return x


def draw_bars():
    pictures = []
    for column in range(6):
        picture = torch.zeros(6, 6)
        picture[:, column] = 1
        pictures.append(picture)
    pictures += [picture.T for picture in pictures]
    stacked = torch.stack(pictures).unsqueeze(1)
    return stacked + 0.1 * torch.randn(12, 1, 6, 6, generator=torch.Generator().manual_seed(6))


def main():
    torch.set_printoptions(precision=3, sci_mode=False)
    data = draw_bars()
    truth = torch.arange(12) // 6

    print("conv2d_by_hand")
    window = torch.tensor([-1.0, 0.0, 1.0]).expand(1, 1, 3, 3)
    print("kernel:", tuple(window.shape))
    print(f"response to bar 2: {conv2d(data[2][None], window).squeeze()}")

    torch.manual_seed(1)
    net = BarNet()
    net.conv.requires_grad_(False)
    print("shapes")
    print("input:", tuple(data.shape))
    x = data
    for step in net.steps():
        x = step(x)
        print(step.__class__.__name__ + ":", tuple(x.shape))
    for where, layer in (("net.0", net.conv), ("net.4", net.head)):
        print(where + ".weight", tuple(layer.weight.shape))
        print(where + ".bias", tuple(layer.bias.shape))
    print("parameters in all", sum(p.nelement() for p in net.parameters()))

    print("training")
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.5)
    for epoch in range(0, 41):
        opt.zero_grad()
        loss = criterion(net(data), truth)
        loss.backward()
        opt.step()
        if not epoch % 10:
            print("epoch=%4d, loss=%.4f" % (epoch, loss.item()))

    print("after_training")
    net.eval()
    with torch.no_grad():
        best = net(data).argmax(1)
    print("final_acc", (best == truth).double().mean().item())
    print("predictions:", [int(b) for b in best], sep="\n")
    print("first kernel:", net.conv.weight[0][0].data, sep="\n")


if __name__ == "__main__":
    main()
