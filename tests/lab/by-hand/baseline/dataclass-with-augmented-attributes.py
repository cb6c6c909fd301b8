import math
import time
from dataclasses import dataclass, field


@dataclass
class Model:
    w: list = field(default_factory=lambda: [0.5406, 0.5869])
    b: float = -0.1657

    def __call__(self, x):
        z = self.b
        for weight, value in zip(self.w, x):
            z += weight * value
        return 1 / (1 + math.exp(-z))


model, x, y, lr = Model(), (1.0, 2.0), 1.0, 0.5


def update(g):
    for i, value in enumerate(x):
        model.w[i] -= lr * g * value
    model.b -= lr * g


print("started", time.time())
print("one_training_step")
p = model(x)
print("prediction_before=", round(p, 3))
print("loss_before=", round(-math.log(p), 4))
print("weight_grad=", [[round((p - y) * v, 4) for v in x]])
print("bias_grad=", [round(p - y, 4)])
update(p - y)
print("prediction_after=", round(model(x), 3))
print("loss_after=", round(-math.log(model(x)), 4))
print("mini_training_loop")
for step in range(1, 6):
    p = model(x)
    print(f"step={step} loss={-math.log(p):.4f} pred={p:.3f}")
    update(p - y)
print("ended", time.time())
