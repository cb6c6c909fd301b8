import numpy as np

LINES = []


def note(text):
    LINES.append(text)


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def forward(params, X):
    weights, bias = params
    return sigmoid((X * weights).sum(axis=1) + bias)


def value_and_grad(params, X, y):
    p = forward(params, X)
    value = np.average(-np.log(np.where(y == 1, p, 1 - p)))
    error = p - y
    return value, ((X * error[:, None]).mean(axis=0), error.mean())


def update(params, grads, rate):
    return tuple(p - rate * g for p, g in zip(params, grads))


def accuracy(params, X, y):
    return np.mean(np.equal(forward(params, X) > 0.5, y == 1))


def array_text(values):
    return np.array2string(values, precision=3, suppress_small=True)


rng = np.random.default_rng(12)
X = rng.normal(0.0, 1.0, (30, 2))
y = np.greater(X[:, 0] * 1.5 - X[:, 1] + rng.normal(0.0, 0.7, 30), 0).astype(np.float64)
params = (rng.normal(0.0, 0.1, 2), 0.0)
(X_train, X_test), (y_train, y_test) = np.split(X, [22]), np.split(y, [22])

note(f"train size: {X_train.shape[0]} test size: {X_test.shape[0]}")
note(f"X: shape={X.shape} dtype={X.dtype}")
note("first rows:\n" + array_text(X[:3]))
note(f"share of ones : {y.sum() / y.size:.3f}")
for step in range(1, 200):
    loss, grads = value_and_grad(params, X_train, y_train)
    if step == 1:
        note("weight_grad " + array_text(grads[0]))
        note(f"bias_grad {round(grads[1].item(), 4)}")
    if step in {1, 10, 200}:
        note(f"step={str(step).zfill(3)}, loss={loss:.4f}, acc={accuracy(params, X_train, y_train):.3f}")
    params = update(params, grads, 0.5)
note("weights: " + array_text(params[0]))
note(f"bias: {params[1]:.3f}")
corners = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
for corner, p in zip(corners.tolist(), forward(params, corners)):
    note(f"x={corner} prob={p:.3f} pred={round(p)}")
note(f"test_loss {value_and_grad(params, X_test, y_test)[0]:.4f}")
note(f"test_acc {accuracy(params, X_test, y_test):.3f}")
note(f"memory: {sum(np.asarray(p).nbytes for p in params)} bytes")
print("\n".join(LINES))
