"""The folder of a run, which may come from anyone: what was changed is named, and nothing is followed out of it."""

import copy
import io
import json
import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import sign, write_run

import bench
from bench.core.errors import NotTwinsError, UsageError
from bench.report import reported
from bench.store import files
from bench.store.files import read_arrays, read_json, write_json
from bench.store.folder import RunFolder

TRIAL = "trials/twins-twins-numpy-2.json"

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that is as it was written."""
    return write_run(
        tmp_path_factory.mktemp("made") / "run", twins=["numpy", "keras"], seeds=[2, 0], spread=lambda _epoch: 1e-7
    ).path


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


def edit(path: Path, change: Edit) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content) + "\n")


def read_all(folder: Path) -> None:
    """Read everything that figures are derived from."""
    run = bench.load(folder)
    _ = run.trials, run.curves, run.measurements, run.verdicts, run.findings, run.summary(), run.thread_pools
    for name in ("numpy", "keras"):
        _ = run.weights("twins", "twins", name), run.frames("twins", "twins", name)


def is_named(folder: Path, wrong: str, wrong_if_signed: str) -> None:
    """Hold reading to an error, and to another once the hashes in `run.json` fit what was changed."""
    with pytest.raises(UsageError, match=wrong):
        read_all(folder)
    sign(folder)
    with pytest.raises(UsageError, match=wrong_if_signed):
        read_all(folder)


def test_a_folder_as_it_was_written_is_read(folder: Path) -> None:
    read_all(folder)


def row(**values: Any) -> Edit:
    return lambda trial: trial["row"].update(values)


def end(name: str, value: Any) -> Edit:
    return lambda trial: trial["curve"][name].__setitem__(-1, value)


# Edits of a trial, and what is wrong with it if the hash in `run.json` was changed with it.
EDITS: dict[str, tuple[Edit, str]] = {
    "an accuracy of 5": (row(test_accuracy=5.0), "test_accuracy is 5, which it cannot be"),
    "another accuracy": (row(test_accuracy=0.9), "test_accuracy is 0.9 in its row and "),
    "a tenth of the seconds": (lambda trial: row(train_seconds=0.02)(trial), "its curve ends after its training"),
    "negative seconds": (row(predict_one_seconds=-1.0), "predict_one_seconds is -1, which it cannot be"),
    "text for a number": (row(threads="many"), "threads must be a number, got 'many'"),
    "a number for a truth": (row(reached_target=1), "reached_target must be true or false, got 1"),
    "another seed": (row(seed=7), "its seed 7 is none of the run's"),
    "another status": (row(status="splendid"), "its status is 'splendid'"),
    "another key": (lambda trial: trial.update(key="twins-twins-numpy-0"), "its key is 'twins-twins-numpy-0'"),
    "no row": (lambda trial: trial.pop("row"), "it must hold a row and a curve"),
    "a curve that goes on": (lambda trial: trial["curve"]["epoch"].append(61), "must have one length"),
    "a curve that goes back": (lambda trial: trial["curve"]["epoch"].__setitem__(3, 1), "and not go back"),
    "text in a curve": (end("train_loss", "low"), "train_loss of its curve must hold numbers"),
    "another end": (end("train_loss", 0.0), "train_loss is 0.07 in its row and 0.0 in its curve"),
    "no curve": (lambda trial: trial.update(curve=None), "it is ok and trained, but has no curve"),
    "another curve": (lambda trial: trial.update(curve=3), "its curve must have a list of every column"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_trial_is_named(folder: Path, name: str) -> None:
    change, wrong = EDITS[name]
    edit(folder / TRIAL, change)
    is_named(folder, r"twins-twins-numpy-2\.json is not (the file that this run|a trial that)", wrong)


def test_a_trial_whose_figures_are_possible_is_told_by_its_hash(folder: Path) -> None:
    edit(folder / TRIAL, row(train_seconds=99.0))
    with pytest.raises(UsageError, match=r"numpy-2\.json is not the file that this run wrote: it was changed"):
        read_all(folder)


def test_a_copied_trial_is_named(folder: Path) -> None:
    content = (folder / TRIAL).read_text()
    copied = folder / "trials" / "twins-twins-numpy-0.json"
    copied.write_text(content)
    with pytest.raises(UsageError, match=r"numpy-0\.json is not a trial that this version wrote: its key is"):
        read_all(folder)
    copied.write_text(content.replace('"key": "twins-twins-numpy-2"', '"key": "twins-twins-numpy-0"'))
    sign(folder)
    with pytest.raises(UsageError, match="must hold each trial once, got twins-twins-numpy-2 again as"):
        read_all(folder)


PROOFS: dict[str, tuple[dict[str, Any], str]] = {
    "equal, to 0.5": ({"largest": 0.5}, "numpy is called equal in twins, with a largest difference of 0.5"),
    "equal, of nothing": ({"quantities": 0}, "numpy is called equal in twins"),
    "equal, but for one": ({"first": "gradient"}, "numpy is called equal in twins"),
    "differs in nothing": ({"status": "differs"}, "numpy is said to differ in twins, by None"),
    "another kind": ({"drift": None}, "is not a proof that this version wrote"),
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_that_was_edited_is_named(folder: Path, name: str) -> None:
    values, wrong = PROOFS[name]
    edit(folder / "proof.json", lambda proof: proof["verdicts"][0].update(values))
    is_named(folder, r"proof\.json is not the file that this run wrote", wrong)


def test_weights_of_another_contender_are_named(folder: Path) -> None:
    one, other = (folder / "weights" / f"twins-twins-{name}.npz" for name in ("numpy", "keras"))
    np.savez(one, weight_0=np.ones(3))
    with pytest.raises(UsageError, match=r"twins-twins-numpy\.npz is not the file that this run wrote"):
        read_all(folder)
    assert other.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays | {"losses_2": arrays["losses_2"][:, :-1]},
        lambda arrays: arrays | {"losses_2": arrays["losses_2"].astype(str) + "x"},
        lambda arrays: {name: array for name, array in arrays.items() if name != "hashes_2"},
        lambda arrays: {name: array for name, array in arrays.items() if name != "last_bit"},
    ],
    ids=["an epoch short", "texts", "of no data", "of no number type"],
)
def test_other_bands_are_named(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    path = folder / "bands" / "twins-twins.npz"
    np.savez(path, allow_pickle=False, **change(read_arrays(path)))
    is_named(
        folder,
        r"twins-twins\.npz is not the file that this run wrote",
        r"the bands of twins in .* are not those that this version wrote",
    )


def test_a_second_process_is_refused_and_told_who_runs(folder: Path) -> None:
    with RunFolder.open(folder).locked():
        with pytest.raises(UsageError, match=rf"is being run by process {os.getpid()}, since 20\d\d-.*; wait for it"):
            reported.resume(folder)
        read_all(folder)
    with RunFolder.open(folder).locked() as again:
        again.set_status("complete")
    assert "process" not in RunFolder.open(folder).run


@pytest.mark.parametrize("where", ["plots", "weights", "trials"])
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, where: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    if (folder / where).exists():
        shutil.rmtree(folder / where)
    (folder / where).symlink_to(outside)
    run, arrays = RunFolder.open(folder), {"x": np.ones(1)}
    writes: dict[str, Callable[[], object]] = {
        "plots": bench.load(folder).report,
        "weights": lambda: run.keep_arrays("weights", "x", arrays),
        "trials": lambda: run.write_trial("x", {}, None),
    }
    with pytest.raises(UsageError, match=f"{where} must be a folder of its own, got a link, which is not followed"):
        writes[where]()
    assert not list(outside.iterdir())


def test_names_lead_nowhere_else(folder: Path, tmp_path: Path) -> None:
    run = RunFolder.open(folder)
    run.keep_arrays("weights", "../../escaped", {"x": np.ones(1)})
    kept = run.arrays("weights", "../../escaped")
    assert kept is not None
    assert (folder / "weights" / "escaped.npz").exists()
    assert not (tmp_path / "escaped.npz").exists()


def test_a_partial_file_that_was_planted_is_not_written_through(folder: Path, tmp_path: Path) -> None:
    (folder / ".run.json.partial").symlink_to(tmp_path / "outside")
    RunFolder.open(folder).save()
    assert not (tmp_path / "outside").exists()


def test_code_that_a_folder_names_runs_only_if_it_is_trusted(folder: Path, tmp_path: Path) -> None:
    code = tmp_path / "mine.py"
    code.write_text(f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\ndef build(spec): ...\n")
    edit(folder / "run.json", lambda run: run["settings"].update(contenders=["numpy", str(code)]))
    with pytest.raises(UsageError, match=rf"would run the code in {code}: read it, then add --trust"):
        reported.resume(folder)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(NotTwinsError):
        reported.resume(folder, trust=True)
    assert (tmp_path / "ran").exists()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def deep(path: Path) -> None:
    path.write_text("[" * 200_000)


def not_finite(path: Path) -> None:
    path.write_text('{"row": NaN}')


@pytest.mark.parametrize("spoil", [pipe, endless, deep, not_finite, Path.mkdir])
@pytest.mark.parametrize("name", ["run.json", TRIAL, "proof.json"])
def test_what_is_not_a_plain_file_of_json_is_named(folder: Path, spoil: Callable[[Path], None], name: str) -> None:
    (folder / name).unlink()
    spoil(folder / name)
    with pytest.raises(UsageError, match=Path(name).name):
        read_all(folder)


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.write_text("[1]")
    os.truncate(path, files.MOST_TEXT + 1)
    with pytest.raises(UsageError, match=r"big\.json must be at most 256 MB, got 256 MB"):
        read_json(path)


def claiming(shape: tuple[int, ...]) -> bytes:
    """Return an ``.npz`` whose array claims a shape and holds nothing."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    return stream.getvalue()


@pytest.mark.parametrize("content", [claiming((10**9,)), claiming((10**18,)), b"", b"PK"])
def test_an_array_that_claims_more_than_it_holds_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.npz cannot be read as an \.npz of plain arrays"):
        read_arrays(tmp_path / "x.npz")


def test_arrays_that_unpack_to_too_much_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_ARRAYS", 2**20)
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros(2**18))
    with pytest.raises(UsageError, match=r"x\.npz must hold at most 1 MB of arrays, got more"):
        read_arrays(tmp_path / "x.npz")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in JSON."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value[:3]))  # the values of a list are alike
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just("../../x"),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(["run.json", TRIAL, "proof.json"]), data=st.data(), signed=st.booleans())
def test_any_change_to_a_folder_is_read_or_named(
    name: str, data: st.DataObject, signed: bool, made: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("fuzzed") / "run", copy_function=os.link))
    content = json.loads((folder / name).read_text())
    place = data.draw(st.sampled_from(places(content)))
    changed = copy.deepcopy(content)
    value = data.draw(ANYTHING)
    if place:
        inner = changed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
    else:
        changed = value
    (folder / name).unlink()
    write_json(folder / name, changed)
    if signed and name != "run.json":
        sign(folder)
    said = ""
    try:
        read_all(folder)
    except UsageError as error:
        said = str(error)
    finally:
        shutil.rmtree(folder.parent)
    assert "\n" not in said
    assert len(said) < 1000
