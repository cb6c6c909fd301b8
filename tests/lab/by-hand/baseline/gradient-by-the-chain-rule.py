import math


class Neuron:
    """A neuron that knows its own derivative."""

    def __init__(self, weights, bias):
        self.weights = list(weights)
        self.bias = bias

    def forward(self, inputs):
        self.inputs = inputs
        self.z = self.bias
        for weight, value in zip(self.weights, inputs):
            self.z += weight * value
        self.output = math.pow(1 + math.e ** (-self.z), -1)
        return self.output

    def backward(self, d_output):
        d_z = d_output * self.output * (1 - self.output)
        self.weight_grads = [d_z * value for value in self.inputs]
        self.bias_grad = d_z

    def step(self, lr):
        for i in range(len(self.weights)):
            self.weights[i] -= lr * self.weight_grads[i]
        self.bias -= lr * self.bias_grad


def loss_of(p, target):
    return -target * math.log(p) if target else -math.log(1 - p)


def d_loss(p, target):
    return -target / p + (1 - target) / (1 - p)


neuron = Neuron([0.5406, 0.5869], -0.1657)
x, y = (1, 2), 1

print("one_training_step")
p = neuron.forward(x)
neuron.backward(d_loss(p, y))
print("prediction_before= %.3f" % p)
print("loss_before= %.4f" % loss_of(p, y))
print("weight_grad= [[%.4f, %.4f]]" % tuple(neuron.weight_grads))
print("bias_grad= [%.4f]" % neuron.bias_grad)
neuron.step(0.5)
p = neuron.forward(x)
print("prediction_after= %.3f" % p)
print("loss_after= %.4f" % loss_of(p, y))
print("mini_training_loop")
for step in range(1, 6):
    p = neuron.forward(x)
    neuron.backward(d_loss(p, y))
    neuron.step(0.5)
    print("step=%d loss=%.4f pred=%.3f" % (step, loss_of(p, y), p))
