"""The proof of every contender: layers, losses and optimizers in float64, each contender in its own process."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from bench.contenders.registry import CONTENDERS, find
from bench.experiments import SCENARIOS
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.compare import TOLERANCE
from bench.proof.prove import Verdict, prove

TWINS = [info for info in CONTENDERS.values() if info.is_twin and not info.is_guest]
CASES = [*all_cases(), *cases_of(SCENARIOS.values())]


def joined(cases: list[ProofCase]) -> list[ProofCase]:
    """Return fewer cases with every hidden activation, last layer with its loss, and optimizer of these."""
    hidden = [case.network for case in cases if case.name.startswith("hidden")]
    ends = [case.network for case in cases if "×" in case.name]
    rest = [case.network for case in cases[len(hidden) + len(ends) :] if not case.network.is_penalized]
    optimizers = list({(network.optimizer, network.optimizer_options): network for network in rest}.values())
    networks = [
        replace(
            end,
            layers=(replace(end.layers[0], activation=within.layers[0].activation), *end.layers[1:]),
            optimizer=update.optimizer,
            optimizer_options=update.optimizer_options,
        )
        for within, end, update in zip(itertools.cycle(hidden), itertools.cycle(ends), optimizers, strict=False)
    ]
    return [ProofCase(f"joined {number}", network) for number, network in enumerate(networks)]


# keras_tuned is the network of keras, trained with other options of compile and fit, and XLA compiles each network for
# seconds: of the scenarios, one with full batches and one with ragged ones.
OF_TUNED = [*joined(all_cases()), *(case for case in CASES if case.name in ("printed_numpy", "article_keras"))]


def cases_of_twin(name: str) -> list[ProofCase]:
    return OF_TUNED if name == "keras_tuned" else CASES


def test_the_joined_cases_leave_nothing_out() -> None:
    def parts(cases: list[ProofCase]) -> set[object]:
        networks = [case.network for case in cases]
        ends = {(network.layers[-1].activation, network.layers[-1].units, network.loss) for network in networks}
        optimizers = {(network.optimizer, network.optimizer_options) for network in networks}
        return {layer.activation for network in networks for layer in network.layers} | ends | optimizers

    assert parts(joined(all_cases())) == parts(all_cases())


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    return prove(
        [(info, cases_of_twin(info.name)) for info in TWINS], tmp_path_factory.mktemp("proof"), timeout_seconds=600
    )


@pytest.mark.parametrize("name", ["numpy", "keras", "keras_tuned"])
def test_a_twin_is_equal_in_every_case(verdicts: list[Verdict], name: str) -> None:
    own = [verdict for verdict in verdicts if verdict.contender == name]
    assert [verdict.case for verdict in own] == [case.name for case in cases_of_twin(name)]
    for verdict in own:
        assert verdict.status == "equal", verdict
        assert verdict.largest is not None
        assert 0 < verdict.largest <= TOLERANCE or verdict.case.startswith(("sparse", "mean_squared_error, 2"))


def test_the_article_is_equal_in_the_networks_it_supports(verdicts: list[Verdict]) -> None:
    own = {verdict.case: verdict.status for verdict in verdicts if verdict.contender == "article"}
    assert own["article_numpy"] == own["printed_numpy"] == "equal"
    assert set(own.values()) == {"equal", "not offered"}


def test_the_drift_of_float32_is_reported_for_every_epoch(verdicts: list[Verdict]) -> None:
    numpy = next(each for each in verdicts if (each.contender, each.case) == ("numpy", "article_keras"))
    assert len(numpy.drift) == 40
    assert 0 < max(numpy.drift) < 1e-2


def test_missing_and_raising_contenders_have_different_verdicts(tmp_path: Path) -> None:
    sources = {
        "missing": "import mlx\ndef build(spec): ...\n",
        "torn": "1 / 0\ndef build(spec): ...\n",
        "raising": "def build(spec):\n    raise KeyError('no such thing')\n",
        "dying": "import os\ndef build(spec):\n    os.kill(os.getpid(), 9)\n",
        "idle": "def build(spec):\n    import time\n    time.sleep(600)\n",
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source)
    work = [(find(str(tmp_path / f"{name}.py")), CASES[:1]) for name in sources]
    found = {verdict.contender: verdict for verdict in prove(work, tmp_path / "scratch", timeout_seconds=5)}
    assert found["missing"].status == "skipped"
    assert "No module named 'mlx'" in found["missing"].detail
    assert found["torn"].status == "unimportable"
    assert "ZeroDivisionError" in found["torn"].detail
    assert found["raising"].status == "broken"
    assert found["raising"].detail.startswith("KeyError: 'no such thing'")
    assert found["dying"].status == "broken"
    assert found["dying"].detail == "the process was killed by signal SIGKILL, which the harness did not send"
    assert "did not end within 5 seconds" in found["idle"].detail


def test_proving_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one contender"):
        prove([], tmp_path, timeout_seconds=5)
