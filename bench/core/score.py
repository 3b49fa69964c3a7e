"""How well a network does: by accuracy in a classification, by R² in a regression."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.spec import CLASSIFICATION, REGRESSION

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Score:
    """A score that is 1 at best.

    Attributes:
        name: its columns are ``train_<name>`` and ``test_<name>``.
        words: its name in sentences.
        loss_unit: the unit of the loss that goes with it.
    """

    name: str
    words: str
    loss_unit: str

    @property
    def train(self) -> str:
        """The column of the training rows."""
        return f"train_{self.name}"

    @property
    def test(self) -> str:
        """The column of the test rows."""
        return f"test_{self.name}"

    def goal(self, value: float) -> str:
        """Return a target as headings name it: ``95 %``, or ``R² 0.95``."""
        return self.amount(value) if self is ACCURACY else f"{self.words} {self.amount(value)}"

    def training_goal(self, value: float) -> str:
        """Return a target as sentences name it: ``95 % training accuracy``, or ``a training R² of 0.95``."""
        words = f"training {self.words}"
        return f"{self.amount(value)} {words}" if self is ACCURACY else f"a {words} of {self.amount(value)}"

    def amount(self, value: float) -> str:
        """Return a target in words: ``95 %`` for an accuracy, ``0.95`` for an R²."""
        return f"{100 * value:g} %" if self is ACCURACY else f"{value:g}"


ACCURACY = Score("accuracy", "accuracy", "nats")
R2 = Score("r2", "R²", "variances of the target")

SCORES = {CLASSIFICATION: ACCURACY, REGRESSION: R2}


def score_of(table: "pd.DataFrame") -> Score:
    """Return the score that trials or curves have: that of a regression where one was trained."""
    return R2 if R2.train in table and table[R2.train].notna().any() else ACCURACY
