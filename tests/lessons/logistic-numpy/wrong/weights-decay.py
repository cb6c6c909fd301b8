import numpy as np

rng = np.random.default_rng(12)
points = rng.normal(size=(30, 2))
truth = (points @ np.array([1.5, -1.0]) + 0.7 * rng.normal(size=30)) > 0
theta = np.append(0.1 * rng.normal(size=2), 0.0)
design = np.column_stack([points, np.ones(30)])
A, t = design[:22], truth[:22] * 1.0
B, u = design[22:], truth[22:] * 1.0


def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))


def cost(M, target, theta):
    z = M @ theta
    return np.mean(np.logaddexp(0, z) - target * z)


def hits(M, target, theta):
    return np.count_nonzero((M @ theta > 0) == (target == 1)) / len(target)


with np.printoptions(precision=3, suppress=True):
    print(f"train size: {A.shape[0]} test size: {B.shape[0]}")
    print(f"X: shape={points.shape} dtype={points.dtype.name}")
    print("first rows:")
    print(points[:3])
    print(f"share of ones : {np.count_nonzero(truth) / 30:.3f}")
    step = 0
    while step < 200:
        step += 1
        slope = A.T @ (sigmoid(A @ theta) - t) / 22
        if step == 1:
            print(f"weight_grad {slope[:2]}")
            print(f"bias_grad {slope[2]:.4f}")
        if step == 1 or step == 10 or step == 200:
            print(f"step={step:0>3}, loss={cost(A, t, theta):.4f}, acc={hits(A, t, theta):.3f}")
        theta = 0.99 * theta - slope / 2
    print(f"weights: {theta[:-1]}")
    print(f"bias: {theta[-1]:.3f}")
    for a, b in ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0)):
        chance = sigmoid(np.dot([a, b, 1], theta))
        print(f"x={[a, b]} prob={chance:.3f} pred={1 if chance > 0.5 else 0}")
    print(f"test_loss {cost(B, u, theta):.4f}")
    print(f"test_acc {hits(B, u, theta):.3f}")
    print(f"memory: {theta.nbytes} bytes")
