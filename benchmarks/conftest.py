"""Bounds the threads of NumPy and TensorFlow before anything imports them."""

import os

from bench.process import KERNEL_VARIABLES

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
for _name in KERNEL_VARIABLES:
    os.environ.pop(_name, None)
