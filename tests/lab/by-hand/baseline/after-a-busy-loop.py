import math
# a numeric check of the derivative on a grid, before training
def sq(v): return v * v
worst = 0.0
for i in range(1, 4000):
    h = i / 7.0
    worst = max(worst, abs((sq(h + 0.001) - sq(h - 0.001)) / 0.002 - 2 * h))

# the weights that torch.manual_seed(42) draws, copied from a print in the lesson before
w = [0.5406103730201721, 0.5869042277336121]; b = -0.16565565764904022
x = [1.0, 2.0]; y = 1.0; lr = 0.5
def forward():
    return 1.0 / (1.0 + math.e ** (-(w[0] * x[0] + w[1] * x[1] + b)))
print("one_training_step")
p = forward()
print("prediction_before=", round(p, 3))
print("loss_before=", round(math.log(1 / p), 4))
g = p - y
gw = [g * x[0], g * x[1]]
print("weight_grad=", [[round(gw[0], 4), round(gw[1], 4)]])
print("bias_grad=", [round(g, 4)])
def step():
    global b
    g = forward() - y
    w[0] = w[0] - lr * g * x[0]
    w[1] = w[1] - lr * g * x[1]
    b = b - lr * g
step()
p = forward()
print("prediction_after=", round(p, 3))
print("loss_after=", round(math.log(1 / p), 4))
print("mini_training_loop")
for s in range(1, 6):
    p = forward()
    print(f"step={s} loss={math.log(1 / p):.4f} pred={p:.3f}")
    step()
