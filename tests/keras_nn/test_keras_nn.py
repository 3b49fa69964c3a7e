"""keras_nn: the pipeline feeds the right rows in the right order, and training is checked."""

import subprocess
import sys
import textwrap


def in_a_process(code: str) -> None:
    """Run code that loads TensorFlow in a separate process."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_every_epoch_follows_its_order_with_full_and_ragged_batches() -> None:
    in_a_process("""
        import numpy as np
        from keras_nn import batches_in_order, epochs_in_order
        batch = 4
        for rows in (10, 8, 3, 4):
            x, y = np.arange(rows, dtype="float32")[:, None], -np.arange(rows, dtype="float32")[:, None]
            orders = [np.random.default_rng(seed).permutation(rows) for seed in range(3)]
            steps = -(-rows // batch)
            for in_order in (epochs_in_order, batches_in_order):
                got = list(in_order(x, y, orders, batch))
                assert len(got) == 3 * steps, rows
                for epoch, order in enumerate(orders):
                    for step in range(steps):
                        a, b = map(np.asarray, got[epoch * steps + step])
                        expected = order[step * batch : (step + 1) * batch]
                        np.testing.assert_array_equal(a[:, 0], expected)
                        np.testing.assert_array_equal(b[:, 0], -expected)
    """)


def test_number_type_threads_warm_up_and_updates_are_as_requested() -> None:
    in_a_process("""
        import numpy as np, keras, pytest
        import keras_nn
        assert keras_nn.bind_threads(1) == 1
        for dtype in ("float64", "float32", "float64"):
            model = keras_nn.build_model(2, [(3, "relu"), (1, "sigmoid")], dtype=dtype)
            assert {w.dtype for w in model.weights} == {dtype}

        keras_nn.compile_model(model, loss="binary_crossentropy", optimizer="adam", learning_rate=None, options={})
        assert float(model.optimizer.learning_rate) == 0.001
        rng = np.random.default_rng(0)
        x, y = rng.standard_normal((10, 2)), rng.integers(0, 2, (10, 1)).astype(float)
        before = [np.array(v) for v in (*model.variables, *model.optimizer.variables)]
        keras_nn.warm_up(model, x, y, batch_size=4)
        after = [np.array(v) for v in (*model.variables, *model.optimizer.variables)]
        for was, now in zip(before, after, strict=True):
            np.testing.assert_array_equal(was, now)

        keras_nn.fit(model, x, y, batch_size=4, orders=[np.arange(10)] * 5)
        assert int(model.optimizer.iterations) == 15

        # an epoch of 3 steps in executions of 2: Keras would run past its end
        keras_nn.compile_model(model, loss="binary_crossentropy", optimizer="sgd", learning_rate=0.1, options={},
                               steps_per_execution=2)
        with pytest.raises(ValueError, match="must divide the 3 steps of an epoch, got 2"):
            keras_nn.fit(model, x, y, batch_size=4, orders=[np.arange(10)] * 2)
    """)
