import math
import torch
import torch.nn.functional as F

torch.set_printoptions(precision=3, sci_mode=False)

grain = torch.randn(12, 1, 6, 6, generator=torch.Generator().manual_seed(6))
upright = torch.eye(6).reshape(6, 1, 1, 6).repeat(1, 1, 6, 1)
lying = upright.transpose(2, 3)
images = torch.cat([upright, lying]) + 0.1 * grain
labels = torch.cat([torch.zeros(6), torch.ones(6)]).long()

hand = torch.zeros(1, 1, 3, 3)
hand[..., 0, :] = -1
hand[..., 2, :] = 1
print("conv2d_by_hand")
print("kernel: %s" % (tuple(hand.shape),))
print("response to bar 2: %s" % F.conv2d(images[2:3], hand)[0, 0])


def uniform(shape, fan_in):
    bound = 1 / math.sqrt(fan_in)
    return torch.empty(shape).uniform_(-bound, bound).requires_grad_()


torch.manual_seed(1)
params = {
    "net.0.weight": uniform((3, 1, 3, 3), 9),
    "net.0.bias": uniform((3,), 9),
    "net.4.weight": uniform((2, 12), 12),
    "net.4.bias": uniform((2,), 12),
}
kernels, shifts, mix, offset = params.values()


def stages(x):
    yield "Conv2d", (x := F.conv2d(x, kernels, shifts))
    yield "ReLU", (x := x.clamp_min(0))
    yield "MaxPool2d", (x := F.max_pool2d(x, 2))
    yield "Flatten", (x := x.reshape(len(x), -1))
    yield "Linear", (x := x @ mix.T + offset)


def net(x):
    return list(stages(x))[-1][1]


print("shapes")
print("input:", tuple(images.shape))
for word, out in stages(images):
    print("%s: %s" % (word, tuple(out.shape)))
for word, p in params.items():
    print(word, tuple(p.shape))
print("parameters in all", sum(math.prod(p.shape) for p in params.values()))

print("training")
for epoch in range(41):
    loss = F.cross_entropy(net(images), labels)
    grads = torch.autograd.grad(loss, list(params.values()))
    with torch.no_grad():
        for p, g in zip(params.values(), grads):
            p.sub_(0.5 * g)
    if epoch in (0, 10, 20, 30, 40):
        print("epoch={:4d}, loss={:.4f}".format(epoch, loss.item()))

print("after_training")
guess = net(images).argmax(-1)
print("final_acc", sum((guess == labels).tolist()) / 12)
print("predictions:")
print(guess.tolist())
print("first kernel:")
print(kernels[0, 0].detach())
