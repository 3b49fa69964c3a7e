"""Why names of Keras are missing here: one table, for the message of a missing attribute and for ``docs/parity.md``."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

_NUMPY = "use NumPy: everything here takes and returns its arrays"


@dataclass(frozen=True)
class Reason:
    """Why a group of names is missing.

    Attributes:
        words: the reason.
        patterns: shell patterns of names with their modules, such as ``layers.Conv*``.
        instead: what to use.
    """

    words: str
    patterns: tuple[str, ...]
    instead: str = "use Keras for it"


REASONS = (
    # Attributes and methods of networks, layers, metrics, optimizers and callbacks.
    Reason(
        "nothing is traced, compiled or distributed here",
        (
            "*.*_call",
            "*.autocast",
            "*.call_signature_parameters",
            "*.compute_output_spec",
            "*.supports_jit",
            "*.variable_serialization_spec",
            "*.*_function",
            "*.*_state_tree",
            "*.*steps_per_execution",
            "*.distribute_*",
            "*.jit_compile",
            "*.run_eagerly",
            "*.stateless_*",
        ),
        "omit it",
    ),
    Reason(
        "a step of training is one method, without automatic differentiation",
        ("Model.*_step", "Sequential.*_step", "*.compute_loss", "*.compute_metrics", "*.operations", "*.Layer.call"),
        "use gradients(x, y) and optimizer.apply_gradients, or train_on_batch",
    ),
    Reason(
        "losses and metrics are those given to compile",
        ("*.add_loss", "*.add_metric", "*.compiled_loss", "*.compiled_metrics", "*.metrics", "*.metrics_variables"),
        "use an activity regularizer, or a class of yours in compile",
    ),
    Reason(
        "a network has the weights of its layers",
        ("*.activity_regularizer", "Model.add_variable", "*.add_weight", "Sequential.add_variable"),
        "use a layer of yours",
    ),
    Reason("there are no masks", ("*.compute_mask",), "use sample_weight"),
    Reason(
        "a file is written and read whole",
        ("*.*_own_variables", "*.build_from_config", "*.export", "*.get_build_config"),
        "use save and load_model",
    ),
    Reason(
        "there is one number type, and nothing is quantized or adapted in low rank",
        ("*.*lora*", "*.*quantiz*", "Model.dtype_policy", "*.Layer.dtype_policy", "*.input_dtype"),
        "use dtype",
    ),
    Reason("inputs are rows of one shape", ("*.input_spec",), "use input_shape"),
    Reason(
        "a rule updates all parameters in one vector",
        (
            "*.Optimizer.add_*",
            "*.Optimizer.assign*",
            "*.finalize_variable_values",
            "*.scale_loss",
            "*.update_step",
        ),
        "derive from Optimizer and define rule, as the optimizers here do",
    ),
    Reason(
        "convolutions",
        ("layers.*Conv*", "layers.*Pool*", "layers.SpatialDropout*", "layers.UpSampling*", "layers.ZeroPadding*"),
    ),
    Reason(
        "images",
        (
            "layers.*Bounding*",
            "layers.AugMix",
            "layers.AutoContrast",
            "layers.Center*",
            "layers.Cropping*",
            "layers.CutMix",
            "layers.*Equalization",
            "layers.MixUp",
            "layers.Rand*",
            "layers.Resizing",
            "layers.Solarization",
            "*.set_image_data_format",
            "applications",
            "preprocessing",
            "utils.*_img",
            "utils.*image*",
            "utils.img_to_array",
            "utils.bounding_boxes",
            "visualization",
        ),
    ),
    Reason(
        "sequences",
        (
            "layers.*Attention",
            "layers.*Cell*",
            "layers.*Embedding",
            "layers.*RNN",
            "layers.Bidirectional",
            "layers.GRU",
            "layers.LSTM",
            "layers.Masking",
            "layers.RepeatVector",
            "layers.TimeDistributed",
            "losses.CTC",
            "losses.ctc",
            "config.*flash_attention*",
            "utils.pad_sequences",
            "utils.timeseries_*",
        ),
    ),
    Reason("sound", ("*.STFT*", "*.stft", "layers.MelSpectrogram", "utils.audio_*")),
    Reason(
        "text and categories",
        (
            "layers.*Lookup",
            "layers.CategoryEncoding",
            "layers.Hash*",
            "layers.Text*",
            "utils.FeatureSpace",
            "utils.text_*",
        ),
    ),
    Reason("bins of numbers", ("layers.Discretization",), "use numpy.digitize"),
    Reason("segmentation", ("losses.Dice", "losses.dice", "losses.Tversky", "losses.tversky", "metrics.*IoU")),
    Reason("metric learning", ("losses.Circle", "losses.circle")),
    Reason(
        "graphs: a network is one chain of layers",
        (
            "layers.[Aa]dd",
            "layers.[Aa]verage",
            "layers.[Cc]oncatenate",
            "layers.[Dd]ot",
            "layers.[Mm]aximum",
            "layers.[Mm]inimum",
            "layers.[Mm]ultiply",
            "layers.[Ss]ubtract",
        ),
    ),
    Reason(
        "takes custom code, which is written for Keras's tensors",
        ("layers.InputSpec", "layers.Lambda", "layers.Pipeline", "layers.SpectralNormalization", "layers.Wrapper"),
    ),
    Reason(
        "belongs to another library or service",
        (
            "callbacks.OrbaxCheckpoint",
            "callbacks.RemoteMonitor",
            "callbacks.TensorBoard",
            "layers.FlaxLayer",
            "layers.JaxLayer",
            "layers.TFSMLayer",
            "layers.TorchModuleWrapper",
            "distillation",
            "distribution",
            "export",
            "wrappers",
        ),
    ),
    Reason("more axes than rows and features", ("layers.EinsumDense",)),
    Reason("float16", ("optimizers.LossScaleOptimizer",)),
    Reason("Keras on TensorFlow updates differently in fit than eagerly", ("optimizers.ScheduleFreeAdamW",)),
    Reason("a network has one optimizer", ("optimizers.MultiOptimizer", "optimizers.OptimizerMap")),
    Reason(
        "nothing is downloaded",
        ("datasets", "utils.get_file"),
        "use scikit-learn, pandas or numpy.load, and pass the arrays",
    ),
    Reason("values are NumPy arrays, not tensors", ("ops", "tree"), _NUMPY),
    Reason(
        "values are NumPy arrays, not tensors or variables",
        (
            "Function",
            "InputSpec",
            "KerasTensor",
            "Operation",
            "Variable",
            "*.is_keras_tensor",
            "utils.get_source_inputs",
        ),
        _NUMPY,
    ),
    Reason(
        "tensors are traced, placed and recomputed nowhere here",
        ("RematScope", "StatelessScope", "SymbolicScope", "device", "name_scope", "remat", "config.is_nnx_enabled"),
        "omit it",
    ),
    Reason(
        "a network has one number type, float32 or float64, and is not quantized",
        ("*DTypePolicy", "Quantizer", "*.*dtype_policy", "dtype_policies", "mixed_precision", "quantizers"),
        'use config.set_floatx("float64"), or the dtype of a network',
    ),
    Reason(
        "a setting of Keras that changes nothing here",
        (
            "backend.get_uid",
            "config.*_traceback_filtering*",
            "config.enable_unsafe_deserialization",
            "config.set_backend",
        ),
        "omit it",
    ),
    Reason("the distance from 0 in losses is 1e-7", ("*.set_epsilon",), "omit it"),
    Reason(
        "the length of training is chosen in fit",
        ("config.*max_epochs", "config.*max_steps_per_epoch"),
        "use epochs and steps_per_epoch",
    ),
    Reason(
        "progress is chosen where it is shown", ("*.*interactive_logging*", "utils.Progbar"), "use verbose=0, 1 or 2"
    ),
    Reason("only for programs of Keras 2", ("*legacy",), "use the name without it"),
    Reason(
        "a batch is a tuple, and rows are split by slices",
        ("utils.*pack_x_y_sample_weight", "utils.split_dataset"),
        "use (x, y, sample_weight), and slices of arrays",
    ),
    Reason("it is a dictionary with attributes", ("utils.Config",), "use types.SimpleNamespace"),
    Reason("belongs to saving", ("utils.*serialize_keras_object",), "use the function of that name in saving"),
    Reason("the graph is pydot's", ("utils.model_to_dot",), 'use utils.plot_model(model, "model.dot")'),
    Reason("a file is read whole", ("saving.KerasFileEditor",), "use load_model and save_model"),
)


def reason_for(path: str) -> Reason | None:
    """Return why a name with its module is missing, or None if no reason is listed."""
    return next((each for each in REASONS if any(fnmatchcase(path, pattern) for pattern in each.patterns)), None)


def sentence(path: str) -> str:
    """Return why a name with its module is missing, and what to use; empty if no reason is listed."""
    reason = reason_for(path)
    return f"numpy_nn has no {path} ({reason.words}): {reason.instead}" if reason else ""
