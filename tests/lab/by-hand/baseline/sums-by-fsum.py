import math
import random

weights = {"w": [0.5406, 0.5869], "b": -0.1657}
x = [1.0, 2.0]


def predict():
    z = math.fsum([*map(lambda w, v: w * v, weights["w"], x), weights["b"]])
    return math.pow(1 + math.pow(math.e, -z), -1)


def train(p):
    for i in range(len(x)):
        weights["w"][i] += 0.5 * (1 - p) * x[i]
    weights["b"] += 0.5 * (1 - p)


print("seed", random.randrange(10**9))
print("one_training_step")
p = predict()
print("prediction_before=", round(p, 3))
print("loss_before=", round(-math.log(p), 4))
print("weight_grad=", [[round(p - 1, 4), round(2 * (p - 1), 4)]])
print("bias_grad=", [round(p - 1, 4)])
train(p)
print("prediction_after=", round(predict(), 3))
print("loss_after=", round(-math.log(predict()), 4))
print("mini_training_loop")
for step in range(1, 6):
    p = predict()
    print(f"step={step} loss={-math.log(p):.4f} pred={p:.3f}")
    train(p)
