print("""data
hours: (8, 1)
score_mean= 12.741
two_optimizers
sgd    step=1   loss=155.317 w=0.196 b=0.691
sgd    step=20  loss=2.233 w=2.968 b=1.578
sgd    step=120 loss=0.759 w=2.730 b=2.753
adam   step=1   loss=155.317 w=0.196 b=0.691
adam   step=20  loss=5.855 w=3.112 b=3.662
adam   step=120 loss=0.090 w=2.453 b=4.096
learned
score gained per hour: 2.45
score without any work: 4.10
Predicted score for 10 hours of work: 28.6
weight_grad= [[-0.114]]
bias_grad= [-0.118]""")
