import math

predictions = [0.82474, 0.88841, 0.91754, 0.93443, 0.94550, 0.95334]


def loss(p):
    return -math.log(p)


print("one_training_step")
print("prediction_before=", round(predictions[0], 3))
print("loss_before=", round(loss(predictions[0]), 4))
d = predictions[0] - 1
print("weight_grad=", [[round(d * 1.0, 4), round(d * 2.0, 4)]])
print("bias_grad=", [round(d, 4)])
print("prediction_after=", round(predictions[1], 3))
print("loss_after=", round(loss(predictions[1]), 4))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={loss(predictions[step]):.4f} pred={predictions[step]:.3f}")
