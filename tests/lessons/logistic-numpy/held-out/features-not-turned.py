import numpy as np


class LogReg:
    def __init__(self, w, lr=0.5):
        self.w = w
        self.b = 0.0
        self.lr = lr

    def predict_proba(self, X):
        z = X @ self.w + self.b
        return 1.0 / (1.0 + np.exp(-z))

    def predict(self, X):
        return (self.predict_proba(X) > 0.5).astype(int)

    def loss(self, X, y):
        p = self.predict_proba(X)
        losses = np.where(y == 1, -np.log(p), -np.log(1 - p))
        return losses.mean()

    def score(self, X, y):
        return (self.predict(X) == y).mean()

    def gradients(self, X, y):
        err = self.predict_proba(X) - y
        return (X @ err) / len(y), np.mean(err)

    def fit(self, X, y, steps):
        for i in range(1, steps + 1):
            dw, db = self.gradients(X, y)
            if i == 1:
                print("weight_grad", dw)
                print("bias_grad", round(db.item(), 4))
            if i in [1, 10, 200]:
                print("step={:03d}, loss={:.4f}, acc={:.3f}".format(i, self.loss(X, y), self.score(X, y)))
            self.w = self.w - self.lr * dw
            self.b = self.b - self.lr * db
        return self


np.set_printoptions(precision=3, suppress=True)
rng = np.random.default_rng(seed=12)
X = rng.normal(0.0, 1.0, (30, 2))
noise = rng.normal(0.0, 1.0, 30)
y = np.array(X[:, 0] * 1.5 - X[:, 1] + noise * 0.7 > 0, dtype=float)
start = rng.normal(0.0, 1.0, 2) * 0.1
X_train, X_test = np.split(X, [22])
y_train, y_test = np.split(y, [22])

print("train size:", X_train.shape[0], "test size:", X_test.shape[0])
print("X: shape={} dtype={}".format(X.shape, X.dtype))
print("first rows:")
print(X[0:3])
print("share of ones :", format(np.mean(y), ".3f"))
clf = LogReg(start, lr=0.5)
clf.fit(X_train, y_train, steps=200)
print("weights:", clf.w)
print("bias: {:.3f}".format(clf.b))
for pt in [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]:
    pr = clf.predict_proba(np.asarray([pt]))[0]
    print("x={} prob={:.3f} pred={}".format(pt, pr, 1 if pr > 0.5 else 0))
print("test_loss {:.4f}".format(clf.loss(X_test, y_test)))
print("test_acc {:.3f}".format(clf.score(X_test, y_test)))
print("memory: {} bytes".format(clf.w.nbytes + 8))
