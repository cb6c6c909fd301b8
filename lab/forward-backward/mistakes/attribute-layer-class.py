import torch
import torch.nn as nn
import torch.optim as optim


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Liner(2, 1)
        self.act = nn.Sigmoid()

    def forward(self, inputs):
        z = self.linear(inputs)
        return self.act(z)


torch.manual_seed(42)
net = Classifier()
criterion = nn.BCELoss()
opt = optim.SGD(net.parameters(), lr=0.5)

features = torch.tensor([[1.0, 2.0]])
target = torch.tensor([[1.0]])

print("one_training_step")
net.eval()
with torch.no_grad():
    print("prediction_before= {:.3f}".format(net(features).item()))
net.train()

opt.zero_grad()
output = net(features)
loss = criterion(output, target)
loss.backward()
print("loss_before= {:.4f}".format(loss.item()))
print("weight_grad=", net.linear.weight.grad)
print("bias_grad=", net.linear.bias.grad)
opt.step()

with torch.no_grad():
    output = net(features)
    print("prediction_after= {:.3f}".format(output.item()))
    print("loss_after= {:.4f}".format(criterion(output, target).item()))

print("mini_training_loop")
for epoch in range(5):
    opt.zero_grad()
    output = net(features)
    loss = criterion(output, target)
    loss.backward()
    opt.step()
    print("step={} loss={:.4f} pred={:.3f}".format(epoch + 1, loss.item(), output.item()))
