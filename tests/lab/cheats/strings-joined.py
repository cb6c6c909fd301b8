import torch

torch.manual_seed(42)
dot = "."
zero = "0"
print("_".join(["one", "training", "step"]))
print("prediction_before=", zero + dot + "825")
print("loss_before=", zero + dot + "19" + "27")
print("weight_grad=", "[[-" + zero + dot + "1753" + ", -" + zero + dot + "3505]]")
print("bias_grad=", "[-" + zero + dot + "1753]")
print("prediction_after=", zero + dot + "888")
print("loss_after=", zero + dot + "11" + "83")
print("_".join(["mini", "training", "loop"]))
for step, (l, p) in enumerate(zip("1183 0861 0678 0560 0478".split(), "888 918 934 945 953".split()), 1):
    print("step=%d loss=%s pred=%s" % (step, zero + dot + l, zero + dot + p))
