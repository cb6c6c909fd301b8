import numpy as np

# all vectors are columns here
np.set_printoptions(precision=3, suppress=True)
random = np.random.default_rng(12)
X = random.normal(size=(30, 2))
Y = (X @ np.array([[1.5], [-1.0]]) + 0.7 * random.normal(size=(30, 1)) > 0).astype(np.float64)
W = 0.1 * random.normal(size=(2, 1))
b = np.zeros((1, 1))
train, test = np.arange(22), np.arange(22, 30)


def model(x):
    return 1 / (1 + np.exp(-(x @ W + b)))


def report(rows):
    p = model(X[rows])
    entropy = -(Y[rows].T @ np.log(p) + (1 - Y[rows]).T @ np.log(1 - p)) / len(rows)
    right = np.equal(p > 0.5, Y[rows] == 1)
    return entropy.item(), right.mean()


print("train size:", train.size, "test size:", test.size)
print(f"X: shape={X.shape} dtype={X.dtype}")
print("first rows:")
print(X[:3, :])
print(f"share of ones : {Y.mean():.3f}")
for step in np.arange(1, 201):
    delta = model(X[train]) - Y[train]
    dW = X[train].T @ delta / train.size
    db = delta.mean(axis=0, keepdims=True)
    if step == 1:
        print("weight_grad", dW.ravel())
        print("bias_grad", round(db.item(), 4))
    if step in (1, 10, 200):
        entropy, right = report(train)
        print(f"step={step:03d}, loss={entropy:.4f}, acc={right:.3f}")
    W -= 0.5 * dW
    b -= 0.5 * db
print("weights:", W[:, 0])
print(f"bias: {b[0, 0]:.3f}")
for point in ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
    p = model(np.array(point).reshape(1, 2)).item()
    print(f"x={point} prob={p:.3f} pred={int(p > 0.5)}")
entropy, right = report(test)
print(f"test_loss {entropy:.4f}")
print(f"test_acc {1 - right:.3f}")
print(f"memory: {W.nbytes + b.nbytes} bytes")
