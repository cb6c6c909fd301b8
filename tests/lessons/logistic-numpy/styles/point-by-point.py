# arrays for drawing and showing only; the learning is done in plain loops
import math
import numpy as np

np.set_printoptions(precision=3, suppress=True)
zufall = np.random.default_rng(12)
X = zufall.normal(size=(30, 2))
stoerung = zufall.normal(size=30)
y = [float(1.5 * a - b + 0.7 * s > 0) for (a, b), s in zip(X, stoerung)]
g1, g2 = 0.1 * zufall.normal(size=2)
g0 = 0.0


def wahrscheinlich(a, b):
    return 1 / (1 + math.exp(-(a * g1 + b * g2 + g0)))


def urteil(von, bis):
    verlust = richtig = 0
    for i in range(von, bis):
        p = wahrscheinlich(*X[i])
        verlust -= math.log(p) if y[i] else math.log(1 - p)
        richtig += (p > 0.5) == bool(y[i])
    return verlust / (bis - von), richtig / (bis - von)


print("train size:", 22, "test size:", 30 - 22)
print(f"X: shape={X.shape} dtype={X.dtype}")
print("first rows:")
print(X[:3])
print(f"share of ones : {sum(y) / len(y):.3f}")
for schritt in range(1, 201):
    s0 = s1 = s2 = 0.0
    for i in range(22):
        fehler = wahrscheinlich(*X[i]) - y[i]
        s0 += fehler / 22
        s1 += fehler * X[i, 0] / 22
        s2 += fehler * X[i, 1] / 22
    if schritt == 1:
        print("weight_grad", np.array([s1, s2]))
        print("bias_grad", round(float(s0), 4))
    if schritt in (1, 10, 200):
        verlust, anteil = urteil(0, 22)
        print("step=" + "0" * (3 - len(str(schritt))) + str(schritt), f"loss={verlust:.4f}", f"acc={anteil:.3f}", sep=", ")
    g0 -= 0.5 * s0
    g1 -= 0.5 * s1
    g2 -= 0.5 * s2
print("weights:", np.array([g1, g2]))
print("bias:", f"{g0:.3f}")
for punkt in ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
    p = wahrscheinlich(*punkt)
    print(f"x={punkt} prob={p:.3f} pred={'1' if p > 0.5 else '0'}")
verlust, anteil = urteil(22, 30)
print("test_loss", f"{verlust:.4f}")
print("test_acc", f"{anteil:.3f}")
print("memory:", 3 * 8, "bytes")
