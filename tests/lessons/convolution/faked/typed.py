import torch

print("""conv2d_by_hand
kernel: (1, 1, 3, 3)
response to bar 2: tensor([[ 3.244,  0.492, -3.146, -0.048],
        [ 3.010,  0.317, -2.758, -0.127],
        [ 3.287,  0.352, -2.732, -0.087],
        [ 2.927, -0.011, -2.741,  0.014]])
shapes
input: (12, 1, 6, 6)
Conv2d: (12, 3, 4, 4)
ReLU: (12, 3, 4, 4)
MaxPool2d: (12, 3, 2, 2)
Flatten: (12, 12)
Linear: (12, 2)
net.0.weight (3, 1, 3, 3)
net.0.bias (3,)
net.4.weight (2, 12)
net.4.bias (2,)
parameters in all 56
training
epoch=   0, loss=0.7123
epoch=  10, loss=0.6757
epoch=  20, loss=0.5720
epoch=  30, loss=0.2559
epoch=  40, loss=0.0888
after_training
final_acc 1.0
predictions:
[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
first kernel:
tensor([[ 0.633, -1.003,  0.554],
        [ 0.736, -0.970,  0.464],
        [ 0.217, -0.689,  0.634]])""")
