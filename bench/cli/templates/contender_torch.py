"""A network of your own in the fair duel, in PyTorch: modules, autograd and eager steps, as its tutorials write them.

    python -m bench verify ./mine.py                     # does it compute what the reference computes?
    python -m bench run twins --contender ./mine.py      # prove it, then time it beside NumPy and Keras

The harness calls `build(spec)` and then the methods below. It draws every random number: the initial weights arrive
in `set_weights`, the order of rows in `train`. Make it faster; if it computes something else, the proof says what.
"""

import numpy as np
import torch

ACTIVATIONS = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "softmax": lambda: torch.nn.Softmax(dim=1),
    "tanh": torch.nn.Tanh,
}

# these take logits, and apply the last activation themselves
CROSSENTROPIES = {
    "binary_crossentropy": torch.nn.BCEWithLogitsLoss,
    "categorical_crossentropy": torch.nn.CrossEntropyLoss,
    "sparse_categorical_crossentropy": torch.nn.CrossEntropyLoss,
}


class Network:
    """All layers up to the last logits, the last activation, and an optimizer's step."""

    def __init__(self, spec):
        self.spec = spec
        self.dtype = getattr(torch, spec.dtype)
        parts = []
        for layer in spec.layers:
            parts += [torch.nn.Linear(layer.inputs, layer.units, dtype=self.dtype), ACTIVATIONS[layer.activation]()]
        self.logits, self.activation = torch.nn.Sequential(*parts[:-1]), parts[-1]
        self.parameters = list(self.logits.parameters())  # kernel (units, inputs) and bias (units,) of each layer
        self.moments = [tuple(torch.zeros_like(each) for _ in range(3)) for each in self.parameters]
        self.updates = 0

    # kernel (inputs, units) and bias (units,) of each layer, from the first to the last; copies, both ways
    def get_weights(self):
        return [np.array(parameter.detach().numpy().T) for parameter in self.parameters]

    def set_weights(self, weights):
        with torch.no_grad():
            for parameter, array in zip(self.parameters, weights):
                parameter.copy_(torch.tensor(array.T))

    def loss(self, x, y):
        if self.spec.loss in CROSSENTROPIES:
            return CROSSENTROPIES[self.spec.loss]()(self.logits(x), y)
        return torch.nn.functional.mse_loss(self.activation(self.logits(x)), y)

    # x (rows, features), y (rows, outputs), or (rows,) for integer labels; one epoch for each order, a permutation:
    # iterate over `orders`, which has a length, but no items by number
    def train(self, x, y, orders, on_epoch_end):
        integers = self.spec.loss == "sparse_categorical_crossentropy"
        x, y = torch.tensor(x), torch.tensor(y, dtype=torch.int64 if integers else self.dtype)
        step, rate = STEPS[self.spec.optimizer], self.spec.learning_rate
        options = dict(self.spec.optimizer_options)  # without those that keep Keras's defaults
        for order in orders:
            for rows in torch.tensor(order).split(self.spec.batch_size or len(x)):  # None: all rows in one batch
                gradients = torch.autograd.grad(self.loss(x[rows], y[rows]), self.parameters)
                self.updates += 1
                with torch.no_grad():
                    for each in zip(self.parameters, gradients, self.moments):
                        step(*each, self.updates, rate, **options)
            on_epoch_end()  # the harness copies the weights here, off the clock

    # the last layer's activations, (rows, outputs)
    def predict(self, x):
        with torch.inference_mode():
            return self.activation(self.logits(torch.tensor(x))).numpy()


# Keras's rules, in place. `torch.optim` has the same SGD, but adds epsilon elsewhere: RMSprop outside the root instead
# of under it, Adam after correcting the second moment instead of before.


def sgd(weight, gradient, moments, t, rate, momentum=0.0, nesterov=False):
    velocity = moments[0]
    velocity *= momentum
    velocity -= rate * gradient
    weight += momentum * velocity - rate * gradient if nesterov and momentum else velocity


def rmsprop(weight, gradient, moments, t, rate, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    square, mean, velocity = moments
    square *= rho
    square += (1 - rho) * gradient**2
    mean *= rho
    mean += (1 - rho) * gradient
    spread = square - mean**2 if centered else square
    velocity *= momentum
    velocity += rate * gradient / torch.sqrt(spread + epsilon)
    weight -= velocity


def adam(weight, gradient, moments, t, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    mean, square, largest = moments
    mean *= beta_1
    mean += (1 - beta_1) * gradient
    square *= beta_2
    square += (1 - beta_2) * gradient**2
    torch.maximum(largest, square, out=largest)
    size = rate * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
    weight -= size * mean / (torch.sqrt(largest if amsgrad else square) + epsilon)


STEPS = {"adam": adam, "rmsprop": rmsprop, "sgd": sgd}


# optional: bound the threads as `--threads` asks, before anything is built, and return how many there are
def bind_threads(threads):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)
    return max(torch.get_num_threads(), torch.get_num_interop_threads())


# `spec` uses Keras's names. NotImplementedError says what is unsupported; anything else must be right.
def build(spec):
    losses, activations = {*CROSSENTROPIES, "mean_squared_error"}, {layer.activation for layer in spec.layers}
    if (
        spec.is_penalized
        or spec.optimizer not in STEPS
        or spec.loss not in losses
        or not activations <= set(ACTIVATIONS)
    ):
        raise NotImplementedError("an optimizer, loss, activation or penalty that this network lacks")
    return Network(spec)
