"""The gradient is measured: the loss a little to the left and a little to the right."""

from math import exp, log1p

H = 1e-6
X = [1.0, 2.0]
theta = [0.5406103730201721, 0.5869042277336121, -0.16565565764904022]


def logit(t):
    return sum(a * b for a, b in zip(t, [*X, 1.0]))


def loss(t):
    return log1p(exp(-logit(t)))  # -log(sigmoid(z)), for a target of 1


def pred(t):
    return 1 / (1 + exp(-logit(t)))


def grad(t):
    found = []
    for i in range(3):
        up, down = t[:], t[:]
        up[i] += H
        down[i] -= H
        found.append((loss(up) - loss(down)) / (2 * H))
    return found


def report(values, digits):
    return ", ".join(f"{value:.{digits}f}" for value in values)


print("one_training_step")
print(f"prediction_before= {pred(theta):.3f}")
print(f"loss_before= {loss(theta):.4f}")
g = grad(theta)
print(f"weight_grad= [[{report(g[:2], 4)}]]")
print(f"bias_grad= [{report(g[2:], 4)}]")
theta = [t - 0.5 * d for t, d in zip(theta, g)]
print(f"prediction_after= {pred(theta):.3f}")
print(f"loss_after= {loss(theta):.4f}")
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={loss(theta):.4f} pred={pred(theta):.3f}")
    theta = [t - 0.5 * d for t, d in zip(theta, grad(theta))]
