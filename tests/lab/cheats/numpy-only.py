import numpy as np

W = np.array([[0.5406103730201721, 0.5869042277336121]])
b = np.array([-0.16565565764904022])
X = np.array([[1.0, 2.0]])
Y = np.array([[1.0]])


def forward():
    A = 1 / (1 + np.exp(-(X @ W.T + b)))
    return A, float(-np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)))


print("one_training_step")
A, loss = forward()
print(f"prediction_before= {A[0, 0]:.3f}")
print(f"loss_before= {loss:.4f}")
dW, db = (A - Y).T @ X, (A - Y).sum(axis=0)
print("weight_grad=", dW.round(4).tolist())
print("bias_grad=", db.round(4).tolist())
W -= 0.5 * dW
b -= 0.5 * db
A, loss = forward()
print(f"prediction_after= {A[0, 0]:.3f}")
print(f"loss_after= {loss:.4f}")
print("mini_training_loop")
for step in range(1, 6):
    A, loss = forward()
    W -= 0.5 * (A - Y).T @ X
    b -= 0.5 * (A - Y).sum(axis=0)
    print(f"step={step} loss={loss:.4f} pred={A[0, 0]:.3f}")
