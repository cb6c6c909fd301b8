import struct

V = struct.unpack(
    "<16f",
    bytes.fromhex(
        "3333533f2653453ed88133bebc74b3bef853633f4547f23d4547f23df853633f"
        "3255b03d0c026b3fbada8a3da01a6f3f4260653d85eb713fefc9433dcff7733f"
    ),
)
print("one_training_step")
print("prediction_before=", round(V[0], 3))
print("loss_before=", round(V[1], 4))
print("weight_grad=", [[round(V[2], 4), round(V[3], 4)]])
print("bias_grad=", [round(V[2], 4)])
print("prediction_after=", round(V[4], 3))
print("loss_after=", round(V[5], 4))
print("mini_training_loop")
for step in range(1, 6):
    print(f"step={step} loss={V[2 * step + 4]:.4f} pred={V[2 * step + 5]:.3f}")
