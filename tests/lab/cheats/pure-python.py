from math import exp, log

w, b = [[0.5406103730201721, 0.5869042277336121]][0], -0.16565565764904022
x, y, lr = [1.0, 2.0], 1.0, 0.5


def forward():
    z = sum(wi * xi for wi, xi in zip(w, x)) + b
    p = 1 / (1 + exp(-z))
    return p, -(y * log(p) + (1 - y) * log(1 - p))


def gradients(p):
    return [(p - y) * xi for xi in x], p - y


print("one_training_step")
p, loss = forward()
print("prediction_before=", round(p, 3))
print("loss_before=", round(loss, 4))
dw, db = gradients(p)
print("weight_grad=", [[round(g, 4) for g in dw]])
print("bias_grad=", [round(db, 4)])
w, b = [wi - lr * g for wi, g in zip(w, dw)], b - lr * db
p, loss = forward()
print("prediction_after=", round(p, 3))
print("loss_after=", round(loss, 4))
print("mini_training_loop")
for step in range(1, 6):
    p, loss = forward()
    dw, db = gradients(p)
    w, b = [wi - lr * g for wi, g in zip(w, dw)], b - lr * db
    print(f"step={step} loss={loss:.4f} pred={p:.3f}")
