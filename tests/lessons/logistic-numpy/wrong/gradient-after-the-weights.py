import numpy as np

RATE, STEPS, KEPT = 0.5, 200, 22


def sample(seed=12, count=30):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 2))
    luck = rng.normal(size=count)
    ones = 1.5 * features[:, 0] - features[:, 1] + 0.7 * luck > 0
    start = 0.1 * rng.normal(size=2)
    return features, ones.astype(float), start


def squash(z):
    return 1.0 / (1.0 + np.exp(-z))


class Unit:
    def __init__(self, start):
        self.weights = start.copy()
        self.bias = 0.0

    def __call__(self, features):
        return squash(features @ self.weights + self.bias)

    def measure(self, features, labels):
        p = self(features)
        losses = -(labels * np.log(p) + (1 - labels) * np.log(1 - p))
        right = (p > 0.5) == (labels > 0.5)
        return losses.mean(), right.mean()

    def slopes(self, features, labels):
        residual = self(features) - labels
        by_weight = (features * residual[:, np.newaxis]).mean(axis=0)
        by_bias = residual.mean()
        return by_weight, by_bias

    def move(self, by_weight, by_bias):
        self.weights -= RATE * by_weight
        self.bias -= RATE * by_bias


np.set_printoptions(precision=3, suppress=True)
features, labels, start = sample()
seen_x, seen_y = features[:KEPT], labels[:KEPT]
kept_x, kept_y = features[KEPT:], labels[KEPT:]
print("train size:", len(seen_x), "test size:", len(kept_x))
print(f"X: shape={features.shape} dtype={features.dtype}")
print("first rows:")
print(features[:3])
print(f"share of ones : {labels.mean():.3f}")

unit = Unit(start)
for step in range(1, STEPS + 1):
    by_weight, by_bias = unit.slopes(seen_x, seen_y)
    if step == 1:
        print("weight_grad", by_weight)
        print("bias_grad", round(float(by_bias), 4))
    if step in (1, 10, 200):
        loss, acc = unit.measure(seen_x, seen_y)
        print(f"step={step:03d}, loss={loss:.4f}, acc={acc:.3f}")
    unit.move(by_weight, 0.0)
    unit.move(0.0, unit.slopes(seen_x, seen_y)[1])

print("weights:", unit.weights)
print(f"bias: {unit.bias:.3f}")
for point in ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
    p = unit(np.array(point))
    print(f"x={point} prob={p:.3f} pred={int(p > 0.5)}")
loss, acc = unit.measure(kept_x, kept_y)
print(f"test_loss {loss:.4f}")
print(f"test_acc {acc:.3f}")
print(f"memory: {unit.weights.nbytes + 8} bytes")
