"""numpy_nn.saving, without Keras: saved networks load unchanged, and hostile files are refused."""

import io
import json
import random
import resource
import struct
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numpy_nn import Dense, Input, Model, Sequential
from numpy_nn.optimizers import SGD, Adam, RMSprop
from numpy_nn.saving import (
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    load_model,
    model_from_json,
    register_keras_serializable,
    save_model,
)

ARCHIVES = [".keras", ".npz"]
SUFFIXES = [*ARCHIVES, ".h5"]
WEIGHTS = [".weights.h5", ".weights.npz"]


def compiled(optimizer: Any = "adam", dtype: str = "float32", seed: int = 0) -> Sequential:
    hidden, last = Dense(3, "relu", name="dense"), Dense(1, "sigmoid", name="dense_1")
    model = Sequential([Input((2,)), hidden, last], seed=seed, dtype=dtype)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def trained(optimizer: Any = "adam", dtype: str = "float32") -> Sequential:
    model = compiled(optimizer, dtype)
    more(model, epochs=2)
    return model


def more(model: Model, epochs: int) -> list[float]:
    """Return the losses of some more epochs."""
    x = np.random.default_rng(1).standard_normal((20, 2))
    return model.fit(x, x.sum(axis=1) > 0, batch_size=6, epochs=epochs, shuffle=False, verbose=0).history["loss"]


def save(model: Sequential, path: Path) -> None:
    """Save a network, or its weights alone if that is what the path ends in."""
    (model.save_weights if ".weights." in path.name else model.save)(path)


def load(path: Path, other: Model) -> Model:
    """Return the network in a file, or the other network with the weights in a file."""
    if ".weights." not in path.name:
        return load_model(path)
    other.load_weights(path)
    return other


# Saving and loading


@pytest.mark.parametrize("suffix", SUFFIXES + WEIGHTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: SGD(0.1),
        lambda: SGD(0.1, momentum=0.9, nesterov=True),
        lambda: RMSprop(0.01, momentum=0.5, centered=True),
        lambda: Adam(0.01, amsgrad=True),
    ],
)
def test_a_loaded_network_trains_on_as_if_uninterrupted(
    tmp_path: Path, suffix: str, dtype: str, optimizer: Callable[[], Any]
) -> None:
    model, path = trained(optimizer(), dtype), tmp_path / f"model{suffix}"
    save(model, path)
    loaded = load(path, compiled(optimizer(), dtype, seed=1))
    assert list(tmp_path.iterdir()) == [path]
    assert loaded.dtype == model.dtype == np.dtype(dtype)
    assert [array.dtype for array in loaded.get_weights()] == [np.dtype(dtype)] * 4
    assert loaded.optimizer.iterations == model.optimizer.iterations == 8
    assert more(loaded, epochs=3) == more(model, epochs=3)
    np.testing.assert_equal(loaded.get_weights(), model.get_weights())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_network_loads_in_the_state_in_which_it_was_saved(tmp_path: Path, suffix: str) -> None:
    path, model = tmp_path / f"model{suffix}", Sequential([Input((2,)), Dense(1)], seed=0)
    save_model(model, path)
    assert not load_model(path).is_compiled
    model.compile("adam", "mse")
    save_model(model, path)
    assert load_model(path).optimizer.iterations == 0
    assert not load_model(path, compile=False).is_compiled
    model.set_weights([np.full_like(array, np.nan) for array in model.get_weights()])  # it diverged
    save_model(model, path)
    assert all(np.isnan(array).all() for array in load_model(path).get_weights())


# Arguments


@pytest.mark.parametrize("name", ["model", "model.pkl", "model.keras.zip"])
def test_other_suffixes_are_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    for act in (lambda: save_model(trained(), tmp_path / name), lambda: load_model(tmp_path / name)):
        with pytest.raises(ValueError, match=r"must end in \.keras, \.npz, \.h5 or \.hdf5, got"):
            act()


@pytest.mark.parametrize("suffix", [".npz", ".weights.npz"])
def test_an_existing_file_is_kept_with_overwrite_off(tmp_path: Path, suffix: str) -> None:
    path, model = tmp_path / f"model{suffix}", trained()
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists, and overwrite=False"):
        (model.save if suffix == ".npz" else model.save_weights)(path, overwrite=False)
    assert path.read_text() == "mine"


def test_a_file_is_unchanged_if_saving_fails(tmp_path: Path) -> None:
    model = trained()
    save_model(model, tmp_path / "model.npz")
    before = (tmp_path / "model.npz").read_bytes()
    model.compile("sgd", "mse", metrics=[lambda y, p: abs(y - p)])
    with pytest.raises(
        ValueError, match="a function in a file needs a name, by which it is registered again; got a lambda"
    ):
        save_model(model, tmp_path / "model.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]
    assert (tmp_path / "model.npz").read_bytes() == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_class_of_the_user_loads_if_it_is_registered_or_given(tmp_path: Path, suffix: str) -> None:
    class Mine(Dense):
        pass

    path, model = tmp_path / f"model{suffix}", Sequential([Input((2,)), Mine(1)])
    model.save(path)
    ways: list[Callable[[], object]] = [lambda: load_model(path), lambda: model_from_json(model.to_json())]
    for act in ways:
        with pytest.raises(ValueError, match=r"'Mine' of .*register it with .*custom_objects={'Mine'"):
            act()
    assert type(load_model(path, {"Mine": Mine}).layers[0]) is Mine
    assert get_registered_object("Mine") is None
    with custom_object_scope({"Mine": Mine}):
        assert type(model_from_json(model.to_json()).layers[0]) is Mine
    assert register_keras_serializable("test", f"Mine{suffix}")(Mine) is Mine
    name = f"test>Mine{suffix}"
    try:
        assert (get_registered_name(Mine), get_registered_object(name)) == (name, Mine)
        model.save(path)
        assert type(load_model(path).layers[0]) is Mine
    finally:
        del get_custom_objects()[name]


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="safe_mode must be true: code in a file is never run"):
        load_model(tmp_path / "model.keras", safe_mode=False)


def test_the_older_formats_argument_is_ignored_or_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="save_format='h5' is ignored"):
        trained().save(tmp_path / "model.h5", save_format="h5")
    with pytest.raises(ValueError, match=r"save_format is gone since Keras 3: .* end the path in \.keras or \.h5"):
        trained().save(tmp_path / "folder", save_format="tf")
    with pytest.raises(ValueError, match="zipped must be None or True"):
        trained().save(tmp_path / "model.keras", zipped=False)
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]


@pytest.mark.parametrize("suffix", [".h5", ".npz"])
def test_a_network_is_saved_without_its_optimizer_on_request(tmp_path: Path, suffix: str) -> None:
    trained().save(tmp_path / f"model{suffix}", include_optimizer=False)
    assert not load_model(tmp_path / f"model{suffix}").is_compiled


def test_a_description_makes_the_same_network_with_new_weights() -> None:
    model = trained(Adam(0.01, amsgrad=True), "float64")
    again = model_from_json(model.to_json(indent=1))
    assert again.to_json() == model.to_json()
    assert again.optimizer.get_config() == model.optimizer.get_config()
    assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])
    assert model_from_json(Sequential([Dense(3)]).to_json()).layers[0].get_config()["units"] == 3
    with pytest.raises(ValueError, match="'json_string' is not JSON"):
        model_from_json("{")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_weights_are_read_from_the_file_of_a_network(tmp_path: Path, suffix: str) -> None:
    model, other = trained(), compiled(seed=1)
    model.save(tmp_path / f"model{suffix}")
    other.load_weights(tmp_path / f"model{suffix}")
    np.testing.assert_equal(other.get_weights(), model.get_weights())
    with pytest.raises(ValueError, match="holds no weights for this network: it has weights for 2 layers, and"):
        Sequential([Input((2,)), Dense(1)]).load_weights(tmp_path / f"model{suffix}")


@pytest.mark.parametrize("suffix", [".npz", ".weights.npz"])
def test_a_network_that_is_not_built_is_not_saved(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(RuntimeError, match="needs a built network"):
        save(Sequential([Dense(1)]), tmp_path / f"model{suffix}")


def test_without_h5py_a_keras_file_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(trained(), tmp_path / "there.keras")
    monkeypatch.setitem(sys.modules, "h5py", None)  # as if it were not installed
    for act in (lambda: save_model(trained(), tmp_path / "model.keras"), lambda: load_model(tmp_path / "there.keras")):
        with pytest.raises(ImportError, match="needs h5py: pip install h5py"):
            act()
    save_model(trained(), tmp_path / "model.npz")
    load_model(tmp_path / "model.npz")


# Invalid and hostile files: ways to change the bytes of a valid one, and what the refusal says

Change = Callable[[bytes], bytes]


def packed(content: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return stream.getvalue()


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_member(name: str, content: bytes, valid: bytes) -> bytes:
    return packed(members_of(valid) | {name: content})


def with_config(change: Callable[[dict[str, Any]], object], valid: bytes) -> bytes:
    config = json.loads(members_of(valid)["config.json"])
    change(config)
    return with_member("config.json", json.dumps(config).encode(), valid)


def with_arrays(change: Callable[[h5py.File], object], valid: bytes) -> bytes:
    stream = io.BytesIO(members_of(valid)["model.weights.h5"])
    with h5py.File(stream, "r+") as file:
        change(file)
    return with_member("model.weights.h5", stream.getvalue(), valid)


# Archives

MEMBERS = [
    (".keras", "config.json"),
    (".keras", "model.weights.h5"),
    (".npz", "description.npy"),
    (".npz", "layer_0_0.npy"),
]


def without(name: str, valid: bytes) -> bytes:
    return packed({each: data for each, data in members_of(valid).items() if each != name})


def flipped(name: str, valid: bytes) -> bytes:
    """Flip a bit of a member, whose checksum stays as it was."""
    data = members_of(valid)[name]
    return valid.replace(data, bytes([data[0] ^ 1]) + data[1:])


def doubled(valid: bytes) -> bytes:
    """Add a member with the name of the first one."""
    name = next(iter(members_of(valid)))
    other = f"{name[:-1]}?"
    return with_member(other, b"", valid).replace(other.encode(), name.encode())


def bomb(valid: bytes) -> bytes:
    files = members_of(valid)
    return packed(files | {next(iter(files)): bytes(200 << 20)}, zipfile.ZIP_DEFLATED)


NOT_ZIP = [b"", b"\x80\x04K\x01.", b"PK\x03\x04", b"PK\x05\x06" + bytes(17)]
PATHS_OUTSIDE = ["../away", "/etc/passwd", "a/../../b", "..\\away", "\\away", "C:\\away"]
BAD_ARCHIVES: list[tuple[Change, str]] = [
    *((lambda _, content=content: content, "it is not a zip file") for content in NOT_ZIP),
    (lambda valid: valid[:-100], "it is not a zip file"),
    *((partial(with_member, path, b""), "leads outside the archive") for path in PATHS_OUTSIDE),
    (doubled, "two members named '(metadata.json|description.npy)'"),
    (bomb, "bytes, more than the limit of 100 times its size of"),
    (lambda valid: packed(members_of(valid), zipfile.ZIP_LZMA), "is encrypted or has an unsupported compression"),
]

# Configurations


def layer(config: dict[str, Any], number: int = 1) -> dict[str, Any]:
    described: dict[str, Any] = config["config"]["layers"][number]
    return described


CODE = {"class_name": "__lambda__", "config": {"value": "4wAAAAAAAAAA"}}
MINE = {"module": "mine", "class_name": "Mine", "config": {}, "registered_name": "mine>Mine"}
AUC = {"module": "keras.metrics", "class_name": "AUC", "registered_name": None}
POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float64"}, "registered_name": None}
DEEP = json.loads('{"a": [' * 60 + "0" + "]}" * 60)
BAD_CONFIGS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda c: layer(c).update(class_name="Dens"), "no class in keras.layers named 'Dens'; did you mean 'Dense'"),
    (lambda c: layer(c).update(module="keras.lairs"), "did you mean 'keras.layers'"),
    (
        lambda c: layer(c).update(module="os", class_name="system"),
        r"layers\[1\] is 'system' of the module 'os', which is not of Keras",
    ),
    (lambda c: layer(c).update(module=None), "'Dense' of the module None, which is not of Keras"),
    (lambda c: layer(c).update(registered_name="mine>Dense"), "'mine>Dense' of .* not of Keras: register it with"),
    (lambda c: layer(c)["config"].update(activation=CODE), r"layers\[1\].config.activation is a lambda: code"),
    (lambda c: layer(c)["config"].update(activation="rellu"), "no activation named 'rellu'; did you mean 'relu'"),
    (
        lambda c: layer(c)["config"].update(kernel_initializer=MINE),
        "kernel_initializer is 'mine>Mine' of",
    ),
    (lambda c: layer(c)["config"].update(kernel_initializer=DEEP), "is nested deeper than 50 levels"),
    (lambda c: layer(c)["config"].update(units=10**9), "need more weights than the 13 in the file"),
    (lambda c: layer(c)["config"].update(units=-3), "units must be a positive whole number, got -3"),
    (lambda c: layer(c)["config"].update(units=4), r"need more weights|must have the shapes \[\(2, 4\)"),
    (lambda c: layer(c)["config"].update(units="3"), "units must be a positive whole number, got '3'"),
    (lambda c: layer(c)["config"].update(units=None), "Dense|units must be"),
    (lambda c: layer(c)["config"].update(dtype=POLICY), "one number type, float32 or float64, got float32, float64"),
    (lambda c: layer(c)["config"].update(dtype="float16"), "float32 or float64, got float16, float32"),
    (lambda c: layer(c)["config"].update(unknown=[1]), "unknown"),
    (lambda c: layer(c).update(class_name=["Dense"]), "'config.json' does not describe a network: TypeError"),
    (lambda c: layer(c).update(class_name="Sequential"), "config.layers must be a list of layers"),
    (lambda c: layer(c).update(class_name="InputLayer"), "only the first layer may be an InputLayer"),
    (lambda c: layer(c).update(config=3), "config must be a dict, got 3"),
    (lambda c: layer(c, 0)["config"].update(batch_shape=[None, 10**9]), "need more weights than the 13 in the file"),
    (lambda c: layer(c, 0)["config"].update(batch_shape=[None, None]), "must have a fixed shape"),
    (lambda c: layer(c, 0)["config"].update(batch_shape="features"), "must have a fixed shape"),
    (lambda c: c["config"].update(layers={}), "config.layers must be a list of layers"),
    (lambda c: c["config"]["layers"].append(7), "config.layers must be a list of layers"),
    (lambda c: c["config"]["layers"].pop(), "the state of Adam|needs a last layer"),
    (lambda c: c.update(class_name="Model"), "must be a Sequential, or a functional model .* got 'Model'"),
    (lambda c: c.update(config=None), "must be a Sequential, or a functional model"),
    (lambda c: c["compile_config"]["optimizer"].update(class_name="Adan"), "did you mean 'Adam'"),
    (lambda c: c["compile_config"]["optimizer"]["config"].update(learning_rate=[]), r"learning_rate must .* got \[\]"),
    (lambda c: c["compile_config"]["optimizer"]["config"].update(amsgrad=True), "the state of Adam must be"),
    (lambda c: c["compile_config"].update(loss=CODE), "compile_config.loss is a lambda"),
    (lambda c: c["compile_config"].update(loss={"a": "mse", "b": "mse"}), "loss must be for one output, got"),
    (lambda c: c["compile_config"].update(metrics=[["accuracy"], ["accuracy"]]), "metrics must be for one output, got"),
    (lambda c: c["compile_config"].update(metrics=[{**AUC, "config": {"num_thresholds": 10**12}}]), "at most 100000"),
    (
        lambda c: c["compile_config"].update(metrics=[{**AUC, "config": {"num_thresholds": 100_000}}] * 1000),
        "have 100000000 thresholds and classes, more than the limit of 1000000",
    ),
    (lambda c: layer(c)["config"].update(activation="x" * 100_000), "no activation named 'xxx"),
    (lambda c: c.pop("class_name"), "must be a Sequential"),
]

BAD_JSON = [
    (b"", "'config.json' is not JSON"),
    (b"\xff\xfe\x00", "'config.json' is not JSON"),
    (b"[" * 100_000, "'config.json' is not JSON"),
    (b'{"a":' * 100_000, "'config.json' is not JSON"),
    (b"9" * 10_000, "'config.json' is not JSON"),
    (b"[1, 2]", r"'config.json' must contain a dictionary, got \[1, 2\]"),
    (b" " * ((16 << 20) + 1), "'config.json' has 16777217 bytes, more than the limit of 16777216"),
]

# Arrays in HDF5

KERNEL = "layers/dense/vars/0"


def put(value: Any, **options: Any) -> Callable[[h5py.File], object]:
    """Return a function that replaces the kernel with another array."""
    return lambda file: (file.pop(KERNEL), file.create_dataset(KERNEL, data=value, **options))


def link(target: Any, place: str = KERNEL) -> Callable[[h5py.File], object]:
    """Return a function that replaces the kernel with a link."""
    return lambda file: (file.pop(place), file.__setitem__(place, target))


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (2, 3))
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def named_type(file: h5py.File) -> None:
    del file[KERNEL]
    file[KERNEL] = np.dtype("f4")


def shared(file: h5py.File) -> None:
    """Put many arrays into the file that are all the same bytes."""
    file["big"] = np.zeros(50_000, "f4")
    del file["layers/dense/vars"]
    for index in range(1000):
        file[f"layers/dense/vars/{index}"] = file["big"]


BAD_ARRAYS: list[tuple[Callable[[h5py.File], object], str]] = [
    (put(np.zeros((3, 3), "f4")), r"the shapes \[\(2, 3\), \(3,\)\], got \[\(3, 3\), \(3,\)\]"),
    (put(np.zeros(6, "f4")), r"got \[\(6,\), \(3,\)\]"),
    (put(np.zeros((2, 3), "c8")), "expected real numbers, got the type complex64"),
    (put(np.full((2, 3), "a", object), dtype=h5py.string_dtype()), "expected real numbers, got the type object"),
    (put(np.full((2, 3), b"a")), "expected real numbers, got the type .S1"),
    (put(np.zeros((2, 3), [("a", "f4")])), "expected real numbers, got the type"),
    (put(h5py.Empty("f4")), "expected a contiguous array"),
    (put(np.zeros((2, 3), "f4"), chunks=(1, 3), compression="gzip"), "expected a contiguous array"),
    (put(None, shape=(1 << 20, 1 << 20), dtype="f4"), "exceeds the bytes in the file"),
    (put(None, shape=(2, 3), dtype="f4", external=[("/etc/passwd", 0, 24)]), "expected a contiguous array"),
    (virtual, "expected a contiguous array"),
    (named_type, "expected a Dataset at '0', got a Datatype"),
    (link(h5py.ExternalLink("/etc/passwd", "/")), "no links, got a ExternalLink at '0'"),
    (link(h5py.SoftLink(f"/{KERNEL}")), "no links, got a SoftLink at '0'"),
    (link(h5py.SoftLink("/layers/dense"), "layers/dense"), "no links, got a SoftLink at 'dense'"),
    (link(h5py.ExternalLink("other.h5", "/"), "optimizer"), "no links, got a ExternalLink at 'optimizer'"),
    (lambda f: (f.pop("layers"), f.__setitem__("layers", np.zeros(3))), "expected a Group at 'layers', got a Dataset"),
    (lambda f: (f.pop(KERNEL), f.create_group(KERNEL)), "expected a Dataset at '0', got a Group"),
    (lambda f: f.pop(KERNEL), r"named by number from 0, got \['1'\]"),
    (lambda f: f.__setitem__("layers/dense/vars/../2", np.zeros(1)), "named by number from 0|the shapes"),
    (lambda f: f.__setitem__("layers/dense/vars/2", np.zeros(1)), "the shapes"),
    (lambda f: f.pop("layers"), "need more weights than the 0 in the file"),
    (lambda f: f.pop("optimizer/vars/9"), "the state of Adam must be a count of batches"),
    (lambda f: f["optimizer/vars/0"].write_direct(np.array(-1)), "the state of Adam must be a count of batches"),
    (shared, "'1' has the shape .50000,., which exceeds the bytes in the file"),
]

# Networks in HDF5


def with_older(change: Callable[[h5py.File], object], valid: bytes) -> bytes:
    stream = io.BytesIO(valid)
    with h5py.File(stream, "r+") as file:
        change(file)
    return stream.getvalue()


def describing(attribute: str, change: Callable[[Any], object]) -> Callable[[h5py.File], object]:
    """Return a function that changes a description in an attribute."""

    def changed(file: h5py.File) -> None:
        described = json.loads(file.attrs[attribute])
        change(described)
        file.attrs[attribute] = json.dumps(described)

    return changed


def many_names(file: h5py.File) -> None:
    """List a name of a megabyte a thousand times, as texts of any length, which HDF5 stores once."""
    file.attrs["big"] = "x" * (1 << 20)
    weights = file["model_weights/dense"]
    weights.attrs.create("weight_names", ["x" * (1 << 20)] * 2 + [""] * 2000, dtype=h5py.string_dtype())


OLDER: list[tuple[Callable[[h5py.File], object], str]] = [
    (lambda f: f.attrs.__delitem__("model_config"), "has no attribute 'model_config': a file of weights is read by"),
    (lambda f: f.attrs.__setitem__("model_config", 3), "'model_config' must contain text, got 3"),
    (lambda f: f.attrs.__setitem__("model_config", ["a", "b"]), "'model_config' of the file must be one text, got 2"),
    (lambda f: f.attrs.__setitem__("model_config", "{"), "'model_config' is not JSON"),
    (lambda f: f.attrs.__setitem__("model_config", "{}"), "must be a Sequential, or a functional model"),
    (lambda f: f.attrs.__setitem__("model_config", b"\xff"), "not JSON|cannot load"),
    (lambda f: f.attrs.__setitem__("training_config", "[]"), "'training_config' must contain a dictionary"),
    (describing("model_config", lambda c: c["config"]["layers"][1].update(config=3)), "does not describe a network"),
    (describing("model_config", lambda c: c["config"]["layers"][1]["config"].update(name="x")), "'model_weights/x' in"),
    (describing("training_config", lambda c: c.pop("optimizer_config")), "'training_config' has no 'optimizer_config'"),
    (describing("training_config", lambda c: c.update(loss="msee")), "no loss named 'msee'"),
    (many_names, "the attribute 'weight_names' is too large, with 2002 parts"),
    (
        lambda f: f["model_weights/dense"].attrs.create("weight_names", [1.0]),
        "'weight_names' must contain text, got 1.0",
    ),
    (lambda f: f["model_weights/dense"].attrs.create("weight_names", [b"a/b"]), "there is no array 'a/b'"),
    (lambda f: f["model_weights/dense/dense"].pop("kernel"), "there is no array 'dense/kernel'"),
    (lambda f: f["optimizer_weights"].pop("0"), "there is no array '0'"),
    (lambda f: f["optimizer_weights"].attrs.create("weight_names", [b"0"]), "the state of Adam must be"),
    (link(h5py.ExternalLink("/etc/passwd", "/"), "model_weights/dense"), "no links, got a ExternalLink at 'dense'"),
    (link(h5py.SoftLink("/model_weights"), "optimizer_weights"), "no links, got a SoftLink at 'optimizer_weights'"),
    (lambda f: f.pop("model_weights"), "there is no such group"),
]


def plain(value: Any) -> Any:
    """Return a description as Keras 2 wrote it: objects have no modules, and an input another argument."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    spelled = {"batch_shape": "batch_input_shape"}
    left_out = ("module", "registered_name", "build_input_shape")
    return {spelled.get(name, name): plain(each) for name, each in value.items() if name not in left_out}


def as_of_keras_2(file: h5py.File) -> None:
    for attribute in ("model_config", "training_config"):
        file.attrs[attribute] = json.dumps(plain(json.loads(file.attrs[attribute])))
    for layer in ("dense", "dense_1"):
        group = file[f"model_weights/{layer}"]
        names = [f"{layer}/kernel:0", f"{layer}/bias:0"]
        for name in names:
            group.move(name.removesuffix(":0"), name)
        group.attrs["weight_names"] = [name.encode() for name in names]


def test_a_file_of_keras_2_loads_and_trains_on(tmp_path: Path, valid: dict[str, bytes]) -> None:
    for name, content in {"new": valid[".h5"], "old": with_older(as_of_keras_2, valid[".h5"])}.items():
        (tmp_path / f"{name}.h5").write_bytes(content)
    new, old = (load_model(tmp_path / f"{name}.h5") for name in ("new", "old"))
    np.testing.assert_equal(old.get_weights(), new.get_weights())
    assert more(old, epochs=2) == more(new, epochs=2)


# Arrays in npz files


def npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def claiming(header: str) -> bytes:
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(24)


def description(value: object) -> bytes:
    return npy(np.frombuffer(json.dumps(value).encode(), np.uint8))


BAD_NPY = [
    (npy(np.array([print], dtype=object)), "must contain real numbers, got the type object"),
    (npy(np.array(["a"])), "must contain real numbers, got the type <U1"),
    (npy(np.zeros((2, 3), "c8")), "must contain real numbers, got the type complex64"),
    (npy(np.zeros((3, 2), "f4")), r"the shapes \[\(2, 3\), \(3,\)\], got \[\(3, 2\), \(3,\)\]"),
    (npy(np.zeros((2, 3), "f4"))[:-1], r"has the shape \(2, 3\) of float32, but 23 bytes"),
    (b"\x80\x04K\x01.", "'layer_0_0.npy' is not an array"),
    (b"", "'layer_0_0.npy' is not an array"),
    (claiming("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,)}"), "but 24 bytes"),
    (claiming("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3)}"), r"has the shape \(-2, -3\)"),
    (claiming("{'descr': '<f4', 'fortran_order': False, 'shape': 'a'}"), "'layer_0_0.npy' is not an array"),
    (claiming("print('here')"), "'layer_0_0.npy' is not an array"),
    (claiming("(" * 5000), "'layer_0_0.npy' is not an array"),
]

OF_ANOTHER_PROGRAM = [
    ({"a.npy": npy(np.zeros(3))}, "it has no member 'description.npy'"),
    ({"description.npy": npy(np.array([{"a": print}], dtype=object))}, "'description.npy' must contain real numbers"),
    ({"description.npy": description({})}, "of version 3"),
    ({"description.npy": description({"format": "numpy_nn.Sequential", "version": 2})}, "of version 3"),
]

INVALID: list[tuple[str, Change, str]] = [
    *((suffix, change, message) for suffix in ARCHIVES for change, message in BAD_ARCHIVES),
    *((suffix, partial(without, name), f"it has no member '{name}'") for suffix, name in MEMBERS),
    *((suffix, partial(flipped, name), f"'{name}' is damaged: Bad CRC-32") for suffix, name in MEMBERS),
    *((".keras", partial(with_config, change), message) for change, message in BAD_CONFIGS),
    *((".keras", partial(with_member, "config.json", text), message) for text, message in BAD_JSON),
    *((".keras", partial(with_arrays, change), message) for change, message in BAD_ARRAYS),
    *((".h5", partial(with_older, change), message) for change, message in OLDER),
    (".h5", lambda _: NOT_ZIP[1], "the file is not an HDF5 file"),
    (".keras", partial(with_member, "model.weights.h5", NOT_ZIP[1]), "'model.weights.h5' is not an HDF5 file"),
    *((".npz", partial(with_member, "layer_0_0.npy", content), message) for content, message in BAD_NPY),
    *((".npz", lambda _, files=files: packed(files), message) for files, message in OF_ANOTHER_PROGRAM),
]


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the bytes of a file that loads, by suffix."""
    folder = tmp_path_factory.mktemp("valid")
    for suffix in SUFFIXES + WEIGHTS:
        save(trained(), folder / f"model{suffix}")
    return {suffix: (folder / f"model{suffix}").read_bytes() for suffix in SUFFIXES + WEIGHTS}


@contextmanager
def limited_memory(more_bytes: int = 256 << 20) -> Iterator[None]:
    """Limit this process to its current memory and ``more_bytes``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.parametrize(("suffix", "change", "message"), INVALID)
def test_an_invalid_file_is_refused(
    tmp_path: Path, valid: dict[str, bytes], suffix: str, change: Change, message: str
) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(change(valid[suffix]))
    with limited_memory(), pytest.raises(ValueError, match=message) as caught:
        load_model(path)
    assert str(caught.value).startswith(f"cannot load a network from {path}: ")
    assert len(str(caught.value)) < 1000


def test_an_error_of_the_file_system_names_the_file(
    tmp_path: Path, valid: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_file: object) -> None:
        raise OSError("Can't synchronously read data")  # as h5py says it

    path = tmp_path / "model.keras"
    path.write_bytes(valid[".keras"])
    monkeypatch.setattr("numpy_nn.saving.keras_file.read", damaged)
    with pytest.raises(ValueError, match=r"cannot load a network from .*model\.keras: Can't synchronously"):
        load_model(path)


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_ordinary_compression_loads(tmp_path: Path, valid: dict[str, bytes], suffix: str) -> None:
    (tmp_path / f"model{suffix}").write_bytes(packed(members_of(valid[suffix]), zipfile.ZIP_DEFLATED))
    load_model(tmp_path / f"model{suffix}")


# Random damage

# How to damage bytes: the position as a share of the whole, the way, and the bytes to use.
WAYS = ["flip", "cut", "insert", "truncate"]
edits = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(WAYS), st.binary(min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
)
Edits = list[tuple[float, str, bytes]]


def damaged(content: bytes, edits: Edits) -> bytes:
    for part, how, data in edits:
        at = int(part * len(content))
        if how == "flip":
            flipped = bytes(mine ^ (other or 1) for mine, other in zip(content[at:], data, strict=False))
            content = content[:at] + flipped + content[at + len(data) :]
        elif how == "truncate":
            content = content[:at]
        else:
            content = content[:at] + (data + content[at:] if how == "insert" else content[at + len(data) :])
    return content


def loads_or_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with limited_memory(), warnings.catch_warnings(), suppress(ValueError, OSError):
        warnings.simplefilter("ignore", UserWarning)  # of an optimizer's state that does not fit
        load(path, compiled())


thorough = settings(
    max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.mark.parametrize(("suffix", "member"), [*((suffix, None) for suffix in SUFFIXES + WEIGHTS), *MEMBERS])
@thorough
@given(edits=edits)
def test_a_randomly_damaged_file_or_member_loads_or_is_refused(
    tmp_path: Path, valid: dict[str, bytes], suffix: str, member: str | None, edits: Edits
) -> None:
    content = valid[suffix]
    if member is None:
        content = damaged(content, edits)
    else:  # the checksum of the member becomes that of its damaged bytes
        content = with_member(member, damaged(members_of(content)[member], edits), content)
    loads_or_is_refused(tmp_path / f"model{suffix}", content)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([10**30, -1, 1e308]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@thorough
@given(value=anything, seed=st.integers(0, 2**32))
def test_a_config_with_a_random_replacement_loads_or_is_refused(
    tmp_path: Path, valid: dict[str, bytes], value: Any, seed: int
) -> None:
    def places(part: Any) -> Iterator[tuple[Any, Any]]:
        for key in part if isinstance(part, dict) else range(len(part)):
            yield part, key
            if isinstance(part[key], dict | list):
                yield from places(part[key])

    def change(config: dict[str, Any]) -> None:
        container, key = random.Random(seed).choice(list(places(config)))  # noqa: S311 - chance, not secrecy
        container[key] = value

    loads_or_is_refused(tmp_path / "model.keras", with_config(change, valid[".keras"]))
