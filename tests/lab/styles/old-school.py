# -*- coding: utf-8 -*-
import torch
from torch.autograd import Variable
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(42)

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(2, 1)
    def forward(self, x):
        x = self.fc1(x)
        return torch.sigmoid(x)

net = Net()
x = Variable(torch.Tensor([[1, 2]]))
y = Variable(torch.Tensor([[1]]))
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=5e-1)

print("one_training_step")
out = net(x)
loss = criterion(out, y)
print("prediction_before= " + format(out.data.numpy()[0][0], ".3f"))
print("loss_before= " + format(loss.data.item(), ".4f"))
net.zero_grad()
loss.backward()
print("weight_grad= " + str(net.fc1.weight.grad.data.numpy().tolist()))
print("bias_grad= " + str(net.fc1.bias.grad.data.numpy().tolist()))
optimizer.step()
out = net(x)
loss = criterion(out, y)
print("prediction_after= " + format(out.data.numpy()[0][0], ".3f"))
print("loss_after= " + format(loss.data.item(), ".4f"))
print("mini_training_loop")
for i in range(5):
    out = net(x)
    loss = criterion(out, y)
    net.zero_grad()
    loss.backward()
    optimizer.step()
    print("step=" + str(i+1) + " loss=" + format(loss.data.item(), ".4f") + " pred=" + format(out.data.numpy()[0][0], ".3f"))
