import math

w = [0.5406, 0.5869]
b = -0.1657
x = [1.0, 2.0]
y = 1.0
lr = 0.5


def predict():
    return 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b)))


print("one_training_step")
p = predict()
print("prediction_before=", round(p, 3))
print("loss_before=", round(-math.log(p), 4))
gw = [(p - y) * v for v in x]
gb = p - y
print("weight_grad=", [[round(v, 4) for v in gw]])
print("bias_grad=", [round(gb, 4)])
print("weight_before=", [w])
print("bias_before=", [b])
w = [v - lr * g for v, g in zip(w, gw)]
b = b - lr * gb
print("weight_after=", [[round(v, 4) for v in w]])
print("bias_after=", [round(b, 4)])
p = predict()
print("prediction_after=", round(p, 3))
print("loss_after=", round(-math.log(p), 4))
