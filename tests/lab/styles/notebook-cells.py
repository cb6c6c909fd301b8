# %% imports
import torch
import torch.nn as nn

# %% data and model
torch.manual_seed(42)
X = torch.tensor([1.0, 2.0]).reshape(1, 2)
Y = torch.tensor([1.0]).reshape(1, 1)
net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_func = nn.BCELoss()
optim = torch.optim.SGD(net.parameters(), lr = 0.5)

# %% one step
print('one_training_step')
y_hat = net(X)
print('prediction_before= %.3f' % y_hat)
loss = loss_func(y_hat, Y)
print('loss_before= %.4f' % loss)
optim.zero_grad()
loss.backward()
w, b = net[0].weight, net[0].bias
print('weight_grad= [[%.4f, %.4f]]' % tuple(w.grad[0]))
print('bias_grad= [%.4f]' % b.grad)
optim.step()
y_hat = net(X)
loss = loss_func(y_hat, Y)
print('prediction_after= %.3f' % y_hat)
print('loss_after= %.4f' % loss)

# %% loop
print('mini_training_loop')
for i in range(5):
    y_hat = net(X)
    loss = loss_func(y_hat, Y)
    optim.zero_grad()
    loss.backward()
    optim.step()
    print('step=%d loss=%.4f pred=%.3f' % (i + 1, loss, y_hat))
