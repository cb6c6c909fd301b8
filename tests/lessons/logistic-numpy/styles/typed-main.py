"""Logistic regression."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Split(NamedTuple):
    features: Array
    labels: Array

    @property
    def size(self) -> int:
        return self.labels.size


class Line(NamedTuple):
    weights: Array
    bias: float


def sigmoid(total: Array) -> Array:
    return np.reciprocal(1.0 + np.exp(-total))


def chances(line: Line, features: Array) -> Array:
    return sigmoid(np.einsum("nf,f->n", features, line.weights) + line.bias)


def cross_entropy(line: Line, part: Split) -> float:
    p = chances(line, part.features)
    of_truth = part.labels * p + (1.0 - part.labels) * (1.0 - p)
    return float(-np.log(of_truth).sum() / part.size)


def share_right(line: Line, part: Split) -> float:
    guesses = np.round(chances(line, part.features))
    return np.count_nonzero(guesses == part.labels) / part.size


def slopes(line: Line, part: Split) -> Line:
    errors = chances(line, part.features) - part.labels
    return Line((errors[:, None] * part.features).mean(axis=0), errors.mean())


def descend(line: Line, part: Split, rate: float) -> Line:
    slope = slopes(line, part)
    return Line(line.weights - rate * slope.weights, line.bias - rate * slope.bias)


def main() -> None:
    np.set_printoptions(precision=3, suppress=True)
    rng = np.random.default_rng(12)
    features = rng.normal(size=(30, 2))
    totals = features @ np.array([1.5, -1.0]) + 0.7 * rng.normal(size=30)
    labels = np.heaviside(totals, 0.0)
    line = Line(0.1 * rng.normal(size=2), 0.0)
    train = Split(features[:-8], labels[:-8])
    test = Split(features[-8:], labels[-8:])
    print(f"train size: {train.size} test size: {test.size}")
    print(f"X: shape={features.shape} dtype={features.dtype}")
    print(f"first rows:\n{features[:3]}")
    print(f"share of ones : {labels.mean():.3f}")
    first = slopes(line, train)
    print(f"weight_grad {first.weights}")
    print(f"bias_grad {first.bias:.4f}")
    for step in range(1, 201):
        if step in {1, 10, 200}:
            print(f"step={step:03d}, loss={cross_entropy(line, train):.4f}, acc={share_right(line, train):.3f}")
        line = descend(line, train, rate=0.5)
    print(f"weights: {line.weights}")
    print(f"bias: {line.bias:.3f}")
    grid = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    for point, chance in zip(grid.tolist(), chances(line, grid)):
        print(f"x={point} prob={chance:.3f} pred={round(chance)}")
    print(f"test_loss {cross_entropy(line, test):.4f}")
    print(f"test_acc {share_right(line, test):.3f}")
    print(f"memory: {line.weights.nbytes + 8} bytes")


if __name__ == "__main__":
    main()
