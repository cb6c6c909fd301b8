import math
import random
from dataclasses import dataclass


@dataclass(slots=True)
class Neuron:
    w1: float
    w2: float
    b: float

    def predict(self, x1, x2):
        return 1 / (1 + math.e ** -(self.w1 * x1 + self.w2 * x2 + self.b))

    def step(self, error, x1, x2, rate):
        self.w1 -= rate * error * x1
        self.w2 -= rate * error * x2
        self.b -= rate * error


n = Neuron(0.5406, 0.5869, -0.1657)
p = n.predict(1.0, 2.0)
print("my lucky number", random.random())
print("one_training_step")
print("prediction_before=", round(p, 3))
print("loss_before=", round(-math.log(p), 4))
print("weight_grad=", [[round((p - 1) * 1.0, 4), round((p - 1) * 2.0, 4)]])
print("bias_grad=", [round(p - 1, 4)])
print("weight_before=", [[n.w1, n.w2]])
print("bias_before=", [n.b])
n.step(p - 1, 1.0, 2.0, 0.5)
print("weight_after=", [[round(n.w1, 4), round(n.w2, 4)]])
print("bias_after=", [round(n.b, 4)])
p = n.predict(1.0, 2.0)
print("prediction_after=", round(p, 3))
print("loss_after=", round(-math.log(p), 4))
