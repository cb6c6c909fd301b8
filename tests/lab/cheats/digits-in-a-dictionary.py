D = {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5, "g": 6, "h": 7, "i": 8, "j": 9}


def number(word, digits):
    value = 0
    for letter in word:
        value = value * 10 + D[letter]
    return value / 10**digits


print("one_training_step")
print("prediction_before=", number("icf", 3))
print("loss_before=", number("bjch", 4))
print("weight_grad=", [[-number("bhfd", 4), -number("dfaf", 4)]])
print("bias_grad=", [-number("bhfd", 4)])
print("prediction_after=", number("iii", 3))
print("loss_after=", number("bbid", 4))
print("mini_training_loop")
rows = [("bbid", "iii"), ("igb", "jbi"), ("ghi", "jde"), ("fga", "jef"), ("ehi", "jfd")]
for step, (loss, pred) in enumerate(rows, start=1):
    print(f"step={step} loss={number(loss, 4):.4f} pred={number(pred, 3):.3f}")
