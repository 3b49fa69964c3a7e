"""Callbacks that are imported when first requested; bench/parity compares what they do."""

import pytest

from numpy_nn import callbacks


def test_an_unknown_callback_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        callbacks.Nothing  # noqa: B018 - reading it raises
