"""Classes and functions of the user that files and configurations name, registered as in ``keras.saving``.

A file only names them: what is created is what the running program has registered.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

# The modules of Keras's classes of networks, and the classes here that stand for them, once they are defined.
NETWORK_MODULES = {"Sequential": "keras", "Functional": "keras.src.models.functional"}
NETWORKS: dict[str, Any] = {}

_registered: dict[str, Any] = {}
_in_scope: dict[str, Any] = {}


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Return a decorator that registers a class or function as ``package>name``; its own name by default.

    Raises:
        ValueError: when called, for a class without ``get_config``.
    """

    def register(part: T) -> T:
        if isinstance(part, type) and not hasattr(part, "get_config"):
            raise ValueError(f"a class to register must have a get_config method, got {part.__name__}")
        _registered[f"{package}>{name or part.__name__}"] = part  # type: ignore[attr-defined] # classes and functions have it
        return part

    return register


def get_custom_objects() -> dict[str, Any]:
    """Return the registered classes and functions by their names; a change of the dictionary registers."""
    return _registered


def get_registered_name(obj: Any) -> str:
    """Return the name under which a class or function is registered; its own name if it is not."""
    return next((name for name, each in _registered.items() if each is obj), obj.__name__)


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """Return the class or function of that name, registered or in one of the dictionaries; None if there is none."""
    for known in (_in_scope, _registered, custom_objects or {}, module_objects or {}):
        if name in known:
            return known[name]
    return None


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Register classes and functions by these names, too, while a ``with`` block runs."""
    before = dict(_in_scope)
    _in_scope.update(custom_objects or {})
    try:
        yield
    finally:
        _in_scope.clear()
        _in_scope.update(before)


CustomObjectScope = custom_object_scope
