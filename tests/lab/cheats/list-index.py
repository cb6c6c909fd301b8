numbers = [0.0478, 0.953, 0.825, 0.1927, -0.1753, -0.3505, 0.888, 0.1183, 0.0861, 0.918, 0.0678, 0.934, 0.056, 0.945]
print("one_training_step")
print("prediction_before=", numbers[2])
print("loss_before=", numbers[3])
print("weight_grad=", [[numbers[4], numbers[5]]])
print("bias_grad=", [numbers[4]])
print("prediction_after=", numbers[6])
print("loss_after=", numbers[7])
print("mini_training_loop")
order = [(7, 6), (8, 9), (10, 11), (12, 13), (0, 1)]
for step, (a, b) in enumerate(order, 1):
    print(f"step={step} loss={numbers[a]:.4f} pred={numbers[b]:.3f}")
