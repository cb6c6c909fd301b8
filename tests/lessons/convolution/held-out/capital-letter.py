import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_printoptions(precision=3, sci_mode=False)


class ConvNet(nn.Module):
    def __init__(self):
        super(ConvNet, self).__init__()
        self.conv = nn.Conv2d(in_channels=1, out_channels=3, kernel_size=3)
        self.pool = nn.MaxPool2D(kernel_size=2)
        self.fc = nn.Linear(3 * 2 * 2, 2)

    def forward(self, x):
        x = self.conv(x)
        x = F.relu(x)
        x = self.pool(x)
        x = x.view(x.size(0), -1)
        x = self.fc(x)
        return x


def get_data():
    g = torch.Generator().manual_seed(6)
    X = torch.zeros(12, 1, 6, 6)
    for i in range(6):
        X[i, 0, :, i] = 1
        X[i + 6, 0, i] = 1
    X = X + 0.1 * torch.randn(12, 1, 6, 6, generator=g)
    Y = torch.cat([torch.zeros(6), torch.ones(6)]).long()
    return X, Y


X, Y = get_data()
print("conv2d_by_hand")
k = torch.tensor([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]).view(1, 1, 3, 3)
print("kernel:", tuple(k.shape))
answer = F.conv2d(X[2].unsqueeze(0), k)
print("response to bar 2:", answer.squeeze())

torch.manual_seed(1)
net = ConvNet()

print("shapes")
print("input:", tuple(X.shape))
h = net.conv(X)
print("Conv2d:", tuple(h.shape))
h = torch.relu(h)
print("ReLU:", tuple(h.shape))
h = net.pool(h)
print("MaxPool2d:", tuple(h.shape))
h = h.flatten(1)
print("Flatten:", tuple(h.shape))
print("Linear:", tuple(net.fc(h).shape))
print("net.0.weight", tuple(net.conv.weight.shape))
print("net.0.bias", tuple(net.conv.bias.shape))
print("net.4.weight", tuple(net.fc.weight.shape))
print("net.4.bias", tuple(net.fc.bias.shape))
total = 0
for p in net.parameters():
    total += p.numel()
print("parameters in all", total)

print("training")
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
for epoch in range(41):
    optimizer.zero_grad()
    outputs = net(X)
    loss = criterion(outputs, Y)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print("epoch={:4d}, loss={:.4f}".format(epoch, loss.item()))

print("after_training")
net.eval()
with torch.no_grad():
    _, predicted = torch.max(net(X), 1)
correct = (predicted == Y).sum().item()
print("final_acc", correct / len(Y))
print("predictions:")
print(predicted.tolist())
print("first kernel:")
print(net.conv.weight[0][0].detach())
