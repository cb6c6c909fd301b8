import numpy as np


def sigmoid(z):
    return np.reciprocal(np.add(1.0, np.exp(np.negative(z))))


X = np.array([[1.0, 2.0]])
y = np.array([[1.0]])
params = {"W": np.array([[0.54061], [0.58690]]), "b": np.array([[-0.16566]])}


def forward():
    return sigmoid(np.add(np.dot(X, params["W"]), params["b"]))


def loss(a):
    return float(np.negative(np.log(a)).mean())


def backward(a):
    delta = np.subtract(a, y)
    return {"W": np.dot(X.T, delta), "b": delta}


def update(grads):
    for name in params:
        params[name] = np.subtract(params[name], np.multiply(0.5, grads[name]))


print("one_training_step")
a = forward()
grads = backward(a)
print("prediction_before=", round(a.item(), 3))
print("loss_before=", round(loss(a), 4))
print("weight_grad=", [np.round(grads["W"].ravel(), 4).tolist()])
print("bias_grad=", np.round(grads["b"].ravel(), 4).tolist())
update(grads)
a = forward()
print("prediction_after=", round(a.item(), 3))
print("loss_after=", round(loss(a), 4))
print("mini_training_loop")
for step in range(1, 6):
    a = forward()
    update(backward(a))
    print(f"step={step} loss={loss(a):.4f} pred={a.item():.3f}")
