"""The protocol of a contender, checked before its network is used, so that what is missing is said in one sentence."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from bench.core.spec import Contender, Network, NetworkSpec
from bench.core.words import listed

# The methods that a network must have, each with its arguments, as `Network` declares them.
_METHODS = {
    name: list(inspect.signature(method).parameters)[1:]
    for name, method in vars(Network).items()
    if inspect.isfunction(method) and not name.startswith("_")
}
_OPTIONAL = {"warm_up": ["x", "y"]}


def built(contender: Contender, spec: NetworkSpec) -> Network:
    """Return the network that a contender builds, which has every method of the protocol.

    Raises:
        TypeError: for functions that are missing, or that cannot be called as the protocol says.
    """
    _check_arguments("build", contender.build, ["spec"])
    network = contender.build(spec)
    missing = [name for name in _METHODS if not callable(getattr(network, name, None))]
    if missing:
        raise TypeError(
            f"the network that build returns must have the methods {listed(list(_METHODS))}; "
            f"{type(network).__name__} lacks {listed(missing)}"
        )
    for name, arguments in (_METHODS | _OPTIONAL).items():
        if hasattr(network, name):
            _check_arguments(name, getattr(network, name), arguments)
    return network


def _check_arguments(name: str, function: Callable[..., Any], arguments: Sequence[str]) -> None:
    try:
        signature = inspect.signature(function)
    except ValueError:  # compiled code may not tell its arguments
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        taken = f"({', '.join(signature.parameters)})"
        raise TypeError(f"{name} must take ({', '.join(arguments)}), got {name}{taken}") from None
