import numpy as np


class LogisticRegression:
    """Weights and a bias, moved against the gradient."""

    def __init__(self, weights, rate=0.5):
        self.w = weights
        self.b = 0.0
        self.rate = rate

    def p(self, X):
        z = X.dot(self.w) + self.b
        return 1.0 / (1.0 + np.exp(-z))

    def loss(self, X, y):
        p = self.p(X)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()

    def score(self, X, y):
        return float((self.p(X).round() == y).mean())

    def gradients(self, X, y):
        wrong_by = self.p(X) - y
        return X.T.dot(wrong_by) / y.size, wrong_by.sum() / y.size

    def step(self, dw, db):
        self.w -= self.rate * dw
        self.b -= self.rate * db


def draw():
    rng = np.random.default_rng(seed=12)
    X = rng.normal(size=(30, 2))
    noise = rng.normal(size=30)
    y = np.where(1.5 * X[:, 0] - X[:, 1] + 0.7 * noise > 0, 1.0, 0.0)
    start = np.zeros(2, dtype=int)
    return X, y, start


def main():
    np.set_printoptions(precision=3, suppress=True)
    X, y, start = draw()
    seen, unseen = slice(0, 22), slice(22, None)
    model = LogisticRegression(start)
    print("train size: %d test size: %d" % (len(X[seen]), len(X[unseen])))
    print("X: shape=%s dtype=%s" % (str(X.shape), X.dtype))
    print("first rows:", X[0:3], sep="\n")
    print("share of ones : %.3f" % y.mean())
    for step in range(1, 201):
        dw, db = model.gradients(X[seen], y[seen])
        if step == 1:
            print("weight_grad", dw)
            print("bias_grad", round(float(db), 4))
        if step in (1, 10, 200):
            numbers = (step, model.loss(X[seen], y[seen]), model.score(X[seen], y[seen]))
            print("step=%03d, loss=%.4f, acc=%.3f" % numbers)
        model.step(dw, db)
    print("weights:", model.w)
    print("bias: %.3f" % model.b)
    for point in [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]:
        p = model.p(np.asarray(point))
        print("x=%s prob=%.3f pred=%d" % (point, p, p > 0.5))
    print("test_loss %.4f" % model.loss(X[unseen], y[unseen]))
    print("test_acc %.3f" % model.score(X[unseen], y[unseen]))
    print("memory: %d bytes" % ((model.w.size + 1) * 8))


main()
