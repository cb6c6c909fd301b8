# 第 6.1.4 课：前向传播与反向传播
import torch
import torch.nn as nn

# 固定随机种子
torch.manual_seed(42)
输入 = torch.tensor([[1.0, 2.0]])
标签 = torch.tensor([[1.0]])
模型 = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
损失函数 = nn.BCELoss()
优化器 = torch.optim.SGD(模型.parameters(), lr=0.5)

print("one_training_step")
预测 = 模型(输入)
损失 = 损失函数(预测, 标签)
print("prediction_before=", round(预测.item(), 3))
print("loss_before=", round(损失.item(), 4))
优化器.zero_grad()
损失.backward()
print("weight_grad=", 模型[0].weight.grad)
print("bias_grad=", 模型[0].bias.grad)
优化器.step()
预测 = 模型(输入)
print("prediction_after=", round(预测.item(), 3))
print("loss_after=", round(损失函数(预测, 标签).item(), 4))

print("mini_training_loop")
for 步 in range(1, 6):
    预测 = 模型(输入)
    损失 = 损失函数(预测, 标签)
    优化器.zero_grad()
    损失.backward()
    优化器.step()
    print(f"step={步} loss={损失.item():.4f} pred={预测.item():.3f}")
