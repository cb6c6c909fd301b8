import numpy as np

np.set_printoptions(precision=3, suppress=True)
rng = np.random.default_rng(12)
X = rng.normal(size=(30, 2))
y = (1.5 * X[:, 0] - X[:, 1] + 0.7 * rng.normal(size=30) > 0).astype(float)
train_X, train_y, test_X, test_y = X[:22], y[:22], X[22:], y[22:]
weights, bias = 0.1 * rng.normal(size=2), 0.0


def probability(features):
    """Squash a weighted sum of the features between 0 and 1."""
    return 1 / (1 + np.exp(-(features @ weights + bias)))


def loss_of(features, labels):
    """Give the mean binary cross-entropy."""
    p = probability(features)
    return -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))


def accuracy(features, labels):
    """Give the share of right answers at a threshold of one half."""
    return np.mean((probability(features) > 0.5) == labels)


print("train size:", len(train_X), "test size:", len(test_X))
print(f"X: shape={X.shape} dtype={X.dtype}")
print("first rows:")
print(X[:3])
print(f"share of ones : {y.mean():.3f}")

for step in range(1, 201):
    error = probability(train_X) - train_y
    weight_grad, bias_grad = train_X @ error / len(train_X), error.mean()
    if step == 1:
        print("weight_grad", weight_grad)
        print("bias_grad", round(float(bias_grad), 4))
    if step in (1, 10, 200):
        loss, share = loss_of(train_X, train_y), accuracy(train_X, train_y)
        print(f"step={step:03d}, loss={loss:.4f}, acc={share:.3f}")
    weights = weights - 0.5 * weight_grad
    bias = bias - 0.5 * bias_grad

print("weights:", weights)
print(f"bias: {bias:.3f}")
for point in ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
    p = probability(np.array(point))
    print(f"x={point} prob={p:.3f} pred={int(p > 0.5)}")
print(f"test_loss {loss_of(test_X, test_y):.4f}")
print(f"test_acc {accuracy(test_X, test_y):.3f}")
print(f"memory: {weights.nbytes + 8} bytes")
