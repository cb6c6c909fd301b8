# One neuron in plain Python; the weights are those of the lesson.
e = 2.718281828459045
w1, w2, b = 0.5406103730201721, 0.5869042277336121, -0.16565565764904022
x1, x2 = 1.0, 2.0
y = 1.0
lr = 0.5


def ln(v):
    # Newton's method, so that nothing has to be imported
    guess = 0.0
    for _ in range(40):
        guess = guess + v / e**guess - 1
    return guess


def forward():
    z = w1 * x1 + w2 * x2 + b
    return 1 / (1 + e**-z)


def bce(p):
    return -(y * ln(p) + (1 - y) * ln(1 - p + 1e-12))


print("one_training_step")
p = forward()
print("prediction_before=", round(p, 3))
print("loss_before=", round(bce(p), 4))
gw1 = (p - y) * x1
gw2 = (p - y) * x2
gb = p - y
print("weight_grad=", [[round(gw1, 4), round(gw2, 4)]])
print("bias_grad=", [round(gb, 4)])
w1 -= lr * gw1
w2 -= lr * gw2
b -= lr * gb
p = forward()
print("prediction_after=", round(p, 3))
print("loss_after=", round(bce(p), 4))

print("mini_training_loop")
for step in range(1, 6):
    p = forward()
    print(f"step={step} loss={bce(p):.4f} pred={p:.3f}")
    w1 -= lr * (p - y) * x1
    w2 -= lr * (p - y) * x2
    b -= lr * (p - y)
