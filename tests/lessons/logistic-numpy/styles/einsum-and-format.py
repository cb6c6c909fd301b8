from numpy import array, clip, einsum, exp, log, mean, set_printoptions
from numpy.random import Generator, PCG64

set_printoptions(precision=3, suppress=True)
source = Generator(PCG64(12))
features = source.standard_normal((30, 2))
signal = 1.5 * features[:, 0] - features[:, 1]
signal += 0.7 * source.standard_normal(30)
ones = (signal > 0).astype("float64")
w = 0.1 * source.standard_normal(2)
b = 0.0
train, test = range(22), range(22, 30)


def model(rows):
    return 1 / (1 + exp(-einsum("ij,j->i", features[rows], w) - b))


def measure(rows):
    p, y = model(rows), ones[rows]
    likelihood = p**y * (1 - p) ** (1 - y)
    return -mean(log(likelihood)), mean((p > 0.5) * 1 == y)


train, test = list(train), list(test)
print("train size: {} test size: {}".format(len(train), len(test)))
print("X: shape={} dtype={}".format(features.shape, features.dtype))
print("first rows:\n{}".format(features[:3]))
print("share of ones : {:.3f}".format(sum(ones) / len(ones)))
log_of = {}
first = None
for number in range(200):
    log_of[number + 1] = measure(train)
    off = model(train) - ones[train]
    gw, gb = einsum("i,ij->j", off, features[train]) / 22, mean(off)
    first = first or (gw.copy(), gb)
    w, b = w - 0.5 * gw, b - 0.5 * gb
print("weight_grad {}".format(first[0]))
print("bias_grad {}".format(round(float(first[1]), 4)))
for number in (1, 10, 200):
    loss, acc = log_of[number]
    print("step={:03}, loss={:.4f}, acc={:.3f}".format(number, loss, acc))
print("weights: {}".format(w))
print("bias: {:.3f}".format(b))
for pair in ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
    p = 1 / (1 + exp(-(array(pair) * w).sum() - b))
    print("x={} prob={:.3f} pred={}".format(pair, p, int(clip(p, 0, 1) > 0.5)))
loss, acc = measure(test)
print("test_loss {:.4f}".format(loss))
print("test_acc {:.3f}".format(acc))
print("memory: {} bytes".format(w.itemsize * 3))
