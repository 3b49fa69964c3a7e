"""The article's NumPy network beside its Keras network, each with its own set-up."""

from bench.core.spec import Entry
from bench.experiments.article import PRINTED, WIDE, as_keras_had_it, as_numpy_had_it
from bench.experiments.base import Experiment

ARTICLE_NUMPY = as_numpy_had_it("article_numpy", WIDE)
ARTICLE_KERAS = as_keras_had_it("article_keras", WIDE)
PRINTED_NUMPY = as_numpy_had_it("printed_numpy", PRINTED)
PRINTED_KERAS = as_keras_had_it("printed_keras", PRINTED)

EXPERIMENT = Experiment(
    name="published",
    title="the article as it was: its NumPy network against its Keras network, each with its own set-up",
    package=__package__,
    entries=(
        Entry(ARTICLE_NUMPY, "article", "article"),
        Entry(ARTICLE_KERAS, "keras", "article"),
        Entry(PRINTED_NUMPY, "article", "printed"),
        Entry(PRINTED_KERAS, "keras", "printed", not_in_quick=True),
    ),
    seeds=3,
    rigorous_seeds=10,
    by_default=True,
    compares_contenders=True,
)
