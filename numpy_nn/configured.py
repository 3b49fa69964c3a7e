"""Objects that are fully described by their constructor arguments, as in Keras's configurations."""

from typing import Any, ClassVar, Self


class Configured:
    """An object that keeps each constructor argument in an attribute of the same name.

    Attributes:
        arguments: the names of all arguments, in Keras's order; a subclass repeats those of its base.
    """

    arguments: ClassVar[tuple[str, ...]] = ()

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments, like Keras's ``get_config``."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the object that `get_config` or Keras's ``get_config`` describes.

        Raises:
            TypeError: if the class does not accept one of the arguments.
        """
        return cls(**config)
