import torch

torch.manual_seed(42)
net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), 0.5)
x = torch.tensor([[1.0, 2.0]])
y = torch.ones((1, 1))


def cross_entropy(p, t):
    # -[t log p + (1 - t) log(1 - p)], mean over the batch
    return torch.mean(-t * p.log() - (1 - t) * (1 - p).log())


print("one_training_step")
p = net(x)
loss = cross_entropy(p, y)
print("prediction_before= %.3f" % p.item())
print("loss_before= %.4f" % loss.item())
opt.zero_grad()
loss.backward()
print("weight_grad=", [[round(g, 4) for g in row] for row in net[0].weight.grad.tolist()])
print("bias_grad=", [round(g, 4) for g in net[0].bias.grad.tolist()])
opt.step()
p = net(x)
print("prediction_after= %.3f" % p.item())
print("loss_after= %.4f" % cross_entropy(p, y).item())
print("mini_training_loop")
for step in range(1, 6):
    p = net(x)
    loss = cross_entropy(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print("step=%d loss=%.4f pred=%.3f" % (step, loss.item(), p.item()))
