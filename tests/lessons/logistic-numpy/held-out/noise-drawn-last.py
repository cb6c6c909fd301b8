import numpy as np

np.set_printoptions(precision=3, suppress=True)


def draw(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(30, 2))
    start = rng.normal(size=2) / 10
    noise = rng.normal(size=30)
    rule = 1.5 * points[:, 0] - points[:, 1] + 0.7 * noise
    return points, (rule > 0) * 1.0, start


def squash(values):
    return np.exp(values) / (np.exp(values) + 1)


def forward(state, points):
    return squash(np.matmul(points, state["w"]) + state["b"])


def loss(p, truth):
    total = 0.0
    for chance, label in zip(p, truth):
        total += -np.log(chance) if label else -np.log(1 - chance)
    return total / len(truth)


def hits(p, truth):
    return sum((chance > 0.5) == bool(label) for chance, label in zip(p, truth)) / len(truth)


points, truth, start = draw(12)
parts = {"train": slice(0, 22), "test": slice(22, 30)}
print(" ".join(f"{name} size: {len(truth[part])}" for name, part in parts.items()))
print(f"X: shape={points.shape} dtype={points.dtype}")
print("first rows:", points[:3], sep="\n")
print(f"share of ones : {truth.mean():.3f}")

state = {"w": start.copy(), "b": 0.0}
x, y = points[parts["train"]], truth[parts["train"]]
step = 1
while step <= 200:
    p = forward(state, x)
    grads = {"w": np.mean((p - y)[:, np.newaxis] * x, axis=0), "b": np.mean(p - y)}
    if step == 1:
        for label, key in (("weight_grad", "w"), ("bias_grad", "b")):
            print(label, np.round(grads[key], 4))
    if step in (1, 10, 200):
        print(f"step={step:03d}, loss={loss(p, y):.4f}, acc={hits(p, y):.3f}")
    for key, grad in grads.items():
        state[key] = state[key] - 0.5 * grad
    step += 1

print("weights:", state["w"])
print("bias:", format(state["b"], ".3f"))
for first, second in ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0)):
    chance = forward(state, np.array([first, second]))
    print(f"x=[{first}, {second}] prob={chance:.3f} pred={int(chance >= 0.5)}")
p = forward(state, points[parts["test"]])
print(f"test_loss {loss(p, truth[parts['test']]):.4f}")
print(f"test_acc {hits(p, truth[parts['test']]):.3f}")
print(f"memory: {state['w'].nbytes + 8} bytes")
