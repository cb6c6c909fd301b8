import torch
from torch import nn

torch.manual_seed(42)

x = torch.FloatTensor([[1, 2]])
y = torch.FloatTensor([[1]])

linear = nn.Linear(2, 1)
sigmoid = nn.Sigmoid()
bce = nn.BCELoss()
optimizer = torch.optim.SGD(params=linear.parameters(), lr=0.5)

print("one_training_step")

y_pred = sigmoid(linear(x))
print("prediction_before=", round(float(y_pred), 3))
loss = bce(y_pred, y)
print("loss_before=", round(float(loss), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", linear.weight.grad)
print("bias_grad=", linear.bias.grad)
optimizer.step()

y_pred = sigmoid(linear(x))
loss = bce(y_pred, y)
print("prediction_after=", round(float(y_pred), 3))
print("loss_after=", round(float(loss), 4))

print("mini_training_loop")
y_pred = sigmoid(linear(x))
loss = bce(y_pred, y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
step = 1
while step <= 5:
    print("step=%d loss=%.4f pred=%.3f" % (step, loss.item(), y_pred.item()))
step += 1
