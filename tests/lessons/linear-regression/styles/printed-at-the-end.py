import torch

lines = []
put = lines.append

X = torch.tensor([[float(i)] for i in range(8)])
g = torch.Generator(); g.manual_seed(1)
Y = X * 2.5 + 4.0 + torch.randn((8, 1), generator=g) * 0.5
put("data")
put("hours: {}".format(tuple(X.shape)))
put("score_mean= {}".format(round(Y.mean().item(), 3)))
put("two_optimizers")

history = {}
for name in ["sgd", "adam"]:
    torch.manual_seed(8)
    net = torch.nn.Sequential(torch.nn.Linear(1, 1))
    if name == "sgd":
        opt = torch.optim.SGD(net.parameters(), lr=0.01)
    else:
        opt = torch.optim.Adam(net.parameters(), lr=0.2)
    rows = []
    for _ in range(120):
        net.zero_grad()
        loss = torch.nn.functional.mse_loss(net(X), Y)
        loss.backward()
        rows.append((loss.item(), net[0].weight.item(), net[0].bias.item()))
        opt.step()
    history[name] = rows

for name, rows in history.items():
    for step in (1, 20, 120):
        loss, w, b = rows[step - 1]
        put("{:<6} step={:<3} loss={:.3f} w={:.3f} b={:.3f}".format(name, step, loss, w, b))

put("learned")
w, b = net[0].weight, net[0].bias
put("score gained per hour: {:.2f}".format(w.item()))
put("score without any work: {:.2f}".format(b.item()))
put("Predicted score for 10 hours of work: {:.1f}".format((w * 10 + b).item()))
put("weight_grad= {}".format([[round(w.grad.item(), 3)]]))
put("bias_grad= {}".format([round(b.grad.item(), 3)]))
print("\n".join(lines))
