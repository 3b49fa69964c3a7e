"""Things that are no more than their arguments: written down as them, as Keras does it, and made of them again."""

from typing import Any, ClassVar, Self


class Configured:
    """A thing that keeps each of its arguments in an attribute of the same name.

    Attributes:
        arguments: the names, in Keras's order; a class with more of them than its base names the base's too.
    """

    arguments: ClassVar[tuple[str, ...]] = ()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this object again, as Keras's ``get_config`` does."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the object that `get_config`, or Keras's, describes.

        Raises:
            TypeError: if the class does not take one of the arguments.
        """
        return cls(**config)
