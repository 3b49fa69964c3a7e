"""What the author of a contender is told where it stumbles: the place of an error, what is missing, each cause once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import numpy_nn.optimizers
from bench.cli import errors
from bench.contenders import registry
from bench.core.raised import raised
from bench.core.spec import OPTIMIZERS, Network, NetworkSpec
from bench.experiments import SCENARIOS
from bench.proof import reference
from bench.proof.cases import ProofCase, all_cases, cases_of
from bench.proof.prove import Verdict, prove, tracebacks, unproven
from bench.proof.transcript import transcript
from bench.report.content import proof_table

# One that the documentation's contender supports, and two that it supports once it no longer refuses them.
CASES = [case for case in all_cases() if case.name in ("hidden relu", "hidden tanh", "hidden linear")]


def proven(folder: Path, example: str, old: str, new: str, cases: Sequence[ProofCase] = CASES) -> list[Verdict]:
    """Return the verdicts on the documentation's contender with something changed, which refuses no case."""
    source = Path(example).read_text(encoding="utf-8").replace("raise NotImplementedError", "print")
    assert source.count(old) == 1
    (folder / "mine.py").write_text(source.replace(old, new), encoding="utf-8")
    return prove([(registry.find(str(folder / "mine.py")), cases)], folder, timeout_seconds=60.0)


def line_of(path: Path, code: str) -> int:
    """Return the number of the one line with this code."""
    (number,) = (number for number, line in enumerate(path.read_text().splitlines(), start=1) if line.strip() == code)
    return number


def test_an_error_is_told_with_the_last_line_of_the_users_own(tmp_path: Path, example: str) -> None:
    first, *others = proven(
        tmp_path, example, "        return activations\n", "        return x @ np.ones((5, len(x)))\n"
    )
    assert first.status == "broken"
    assert first.detail.startswith("ValueError: matmul: ")
    code = "return x @ np.ones((5, len(x)))"
    assert first.detail.endswith(f" (mine.py, line {line_of(tmp_path / 'mine.py', code)}, in forward: {code})")
    assert "in predict\n    return self.forward(x)[-1]\n" in first.traceback
    assert first.traceback.rstrip().splitlines()[-1] == first.detail.partition(" (mine.py")[0]
    assert unproven([first, *others]) == f"mine in hidden relu: {first.detail}; 2 other cases alike"


def test_an_error_in_a_file_beside_the_users_is_told_with_that_file(tmp_path: Path, example: str) -> None:
    (tmp_path / "layers_of_mine.py").write_text("def forward(x):\n    return x.no_such\n")
    found = proven(
        tmp_path, example, "        activations = [x]\n", "        import layers_of_mine as m; m.forward(x)\n"
    )
    assert found[0].detail == (
        "AttributeError: 'numpy.ndarray' object has no attribute 'no_such' "
        "(layers_of_mine.py, line 2, in forward: return x.no_such)"
    )


@pytest.mark.parametrize(
    ("module", "status", "hint"),
    [
        ("nummpy", "unimportable", "; did you mean numpy?"),
        ("tourch", "unimportable", "; did you mean torch?"),
        ("layers_of_mine", "unimportable", "; did you mean layer_of_mine?"),
        ("qqqqqq", "unimportable", ""),
        ("numpy.nothing", "unimportable", ""),
        ("mlx", "skipped", ""),
    ],
)
def test_a_missing_module_is_a_failure_with_the_nearest_name_unless_it_is_a_framework(
    tmp_path: Path, example: str, module: str, status: str, hint: str
) -> None:
    (tmp_path / "layer_of_mine.py").write_text("")
    first, *_ = proven(tmp_path, example, "import numpy as np\n", f"import numpy as np\nimport {module}\n")
    assert first.status == status
    start = f"ModuleNotFoundError: No module named '{module}'{hint} (mine.py, line "
    assert first.detail.startswith(start)
    assert first.detail.endswith(f": import {module})")


def test_an_error_while_importing_is_told_with_its_line(tmp_path: Path, example: str) -> None:
    found = proven(tmp_path, example, "import numpy as np\n", "import numpy as np\n\nnp.zeros(-1)\n")
    assert {verdict.status for verdict in found} == {"unimportable"}
    place = f"(mine.py, line {line_of(tmp_path / 'mine.py', 'np.zeros(-1)')}: np.zeros(-1))"
    assert found[0].detail == f"ValueError: negative dimensions are not allowed {place}"
    assert "np.zeros(-1)" in found[0].traceback


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "def predict(",
            "def predicts(",
            "TypeError: the network that build returns must have the methods get_weights, set_weights, train and "
            "predict; Network lacks predict",
        ),
        (
            "def train(self, x, y, orders, on_epoch_end):",
            "def train(self, x, y):",
            "TypeError: train must take (x, y, orders, on_epoch_end), got train(x, y)",
        ),
        ("def build(spec):", "def build():", "TypeError: build must take (spec), got build()"),
        (
            "    return Network(spec)\n",
            "    Network(spec)\n",
            "NoneType lacks get_weights, set_weights, train and predict",
        ),
    ],
)
def test_what_the_protocol_lacks_is_one_line_and_not_one_for_every_case(
    tmp_path: Path, example: str, old: str, new: str, said: str
) -> None:
    found = proven(tmp_path, example, old, new)
    (row,) = proof_table(found).rows
    assert row[:3] == ("mine", "hidden relu and 2 others", "broken")
    assert said in row[-1]
    assert unproven(found) == f"mine in hidden relu: {found[0].detail}; 2 other cases alike"
    assert len(tracebacks(found)) == 1


def test_the_diagnosis_is_told_once_with_the_number_of_cases_that_share_it(tmp_path: Path, example: str) -> None:
    found = proven(tmp_path, example, " / len(rows)", "")
    assert [verdict.status for verdict in found] == ["differs"] * 3
    relu, tanh, linear = found
    assert (tanh.cause, relu.cause) == (linear.cause, ("differs", relu.diagnosis))  # derivatives of ReLU, and summed
    assert unproven(found).startswith(
        "mine in hidden relu: looks like a gradient summed over the batch instead of averaged (the first quantity that "
        "differs is gradient: kernel of layer 1, by 3.1e+01 of its largest value); 2 other cases for other reasons"
    )
    assert len(proof_table(found).rows) == 3


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("np.array(array) for", "np.array(array, float) for", "weights trained in float32"),
        ("return self.forward(x)[-1]", "return self.forward(x.astype(float))[-1]", "predictions in float32"),
    ],
)
def test_a_contender_that_computes_in_float64_where_float32_is_asked_for_fails_the_proof(
    tmp_path: Path, example: str, old: str, new: str, first: str
) -> None:
    (verdict,) = proven(tmp_path, example, old, new, cases_of([SCENARIOS["twins"]]))
    assert verdict.largest is not None
    assert verdict.largest < 1e-14
    assert (verdict.status, verdict.first, verdict.contradiction) == ("differs", first, None)
    assert verdict.diagnosis.startswith("looks like double precision: float32 was expected, but these numbers have ")


def test_float64_is_right_where_the_scenario_asks_for_it(tmp_path: Path, example: str) -> None:
    scenario = SCENARIOS["twins"]
    double = replace(scenario, network=replace(scenario.network, dtype="float64"))
    old, new = "np.array(array) for", "np.array(array, float) for"
    assert [each.status for each in proven(tmp_path, example, old, new, cases_of([double]))] == ["equal"]


def test_values_that_are_not_finite_are_said_to_be_so(tmp_path: Path, example: str) -> None:
    first, *_ = proven(tmp_path, example, "return self.forward(x)[-1]", "return 0 * np.log(0 * self.forward(x)[-1])")
    assert first.fault.startswith("forward pass differs beyond measure: 250 of its 250 values are NaN, and all before")
    assert unproven([first]).endswith("(the first quantity that differs is forward pass, beyond measure)")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_learning_rate_is_always_a_number_and_the_default_is_keras(optimizer: str) -> None:
    given: list[NetworkSpec] = []

    def build(spec: NetworkSpec) -> Network:
        given.append(spec)
        return reference.build(spec)

    case = next(case for case in all_cases() if case.network.optimizer == optimizer)
    transcript(SimpleNamespace(build=build), case)
    rates = [spec.learning_rate for spec in given]
    assert all(isinstance(rate, float) for rate in rates)
    # numpy_nn's defaults are Keras's: `bench verify --all` measures it
    assert rates == [case.network.learning_rate, 2.0**30, numpy_nn.optimizers.get(optimizer).learning_rate]


def test_each_contender_is_told_of_its_own_first_case() -> None:
    found = [Verdict("a", f"case {number}", "broken", "E: x") for number in (1, 2, 3)]
    found += [Verdict("b", "case 1", "broken", "E: y"), Verdict("a", "case 4", "broken", "E: z")]
    assert unproven(found) == (
        "a in case 1: E: x; 2 other cases alike; 1 other case for other reasons; b in case 1: E: y"
    )


def test_the_traceback_is_shown_with_debug_alone_and_obeys_nothing_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    errors.show_traceback_of("mine", "Traceback\n  x\n")
    assert capsys.readouterr().err == ""
    errors.show_tracebacks(True)
    try:
        errors.show_traceback_of("mine", "Traceback\n  \x1b[2J\n")
    finally:
        errors.show_tracebacks(False)
    assert capsys.readouterr().err == "mine raised in its own process:\nTraceback\n  \\x1b[2J\n"


def test_without_a_frame_of_the_users_no_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    assert raised(caught.value) == raised(caught.value, tmp_path) == "ZeroDivisionError: division by zero"
    assert "(test_own_contender.py, line " in raised(caught.value, Path(__file__).parent)
