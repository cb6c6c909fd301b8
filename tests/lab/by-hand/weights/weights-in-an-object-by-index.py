import math


class Net:
    pass


net = Net()
net.w = [[0.5406, 0.5869]]
net.b = [-0.1657]
x = [1.0, 2.0]


def forward():
    z = sum(map(lambda w, v: w * v, net.w[0], x)) + net.b[0]
    return 1 / (1 + math.e ** (-z))


print("one_training_step")
p = forward()
print("prediction_before=", round(p, 3))
print("loss_before=", round(-math.log(p), 4))
grads = [(p - 1) * v for v in x]
print("weight_grad=", [[round(g, 4) for g in grads]])
print("bias_grad=", [round(p - 1, 4)])
print("weight_before=", net.w)
print("bias_before=", net.b)
for i, g in enumerate(grads):
    net.w[0][i] -= 0.5 * g
net.b[0] -= 0.5 * (p - 1)
print("weight_after=", [[round(w, 4) for w in net.w[0]]])
print("bias_after=", [round(b, 4) for b in net.b])
p = forward()
print("prediction_after=", round(p, 3))
print("loss_after=", round(-math.log(p), 4))
