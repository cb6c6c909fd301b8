import torch as t
import torch.nn as nn
import torch.nn.functional as f
from collections import OrderedDict

t.set_printoptions(precision=3, sci_mode=False)


def images_and_labels():
    base = t.zeros((12, 1, 6, 6))
    for i in range(6): base[i, :, :, i] = 1.
    for i in range(6): base[i + 6, :, i, :] = 1.
    return base.add(t.randn(base.size(), generator=t.Generator().manual_seed(6)), alpha=0.1), t.LongTensor([0]*6 + [1]*6)


def section_one(x):
    print("conv2d_by_hand")
    kernel = t.stack([t.tensor([-1., 0., 1.])]*3)[None, None]
    print(f"kernel: {tuple(kernel.shape)}")
    print(f"response to bar 2: {f.conv2d(x[2], kernel[0][None])[0]}")


def section_two(x):
    print("shapes")
    t.manual_seed(1)
    net = nn.Sequential(OrderedDict([
        ("0", nn.Conv2d(1, 3, 3)), ("1", nn.ReLU()), ("2", nn.MaxPool2d(2)),
        ("3", nn.Flatten()), ("4", nn.Linear(12, 2)),
    ]))
    print(f"input: {tuple(x.shape)}")
    for depth in range(1, 6):
        layer = net[depth - 1]
        print(f"{layer._get_name()}: {tuple(net[:depth](x).shape)}")
    names = [n for n, _ in net.named_parameters(prefix="net")]
    sizes = [p.size() for p in net.parameters()]
    for n, s in zip(names, sizes): print(n, tuple(s))
    print("parameters in all", sum(s.numel() for s in sizes))
    return net


def section_three(net, x, y):
    print("training")
    opt = t.optim.SGD(net.parameters(), lr=.5)
    epoch = 0
    while True:
        l = f.nll_loss(f.log_softmax(net(x), 1), y)
        l.backward()
        if epoch % 10 == 0: print(f"epoch={epoch:>4}, loss={float(l):.4f}")
        opt.zero_grad()
        epoch += 1
        if epoch == 41: return net


def section_four(net, x, y):
    print("after_training")
    with t.no_grad(): c = net(x).softmax(1).argmax(1)
    print(f"final_acc {(c == y).float().mean().item()}")
    print("predictions:"); print(list(map(int, c)))
    print("first kernel:"); print(next(net.parameters()).data[0, 0])


x, y = images_and_labels()
section_one(x)
section_four(section_three(section_two(x), x, y), x, y)
