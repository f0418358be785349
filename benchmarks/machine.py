"""What makes two timings comparable: one thread, memory that is kept, and the rate of the machine's matrix product."""

import ctypes
import ctypes.util
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

import torch

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4  # names of <malloc.h>
NEVER_TRIM, PAD = 2**31 - 1, 2**28


def steady(*, keep_memory: bool = True) -> None:
    """Compute on one thread and let freed memory stay with the process, for every side of a comparison alike.

    By default the C library gives each large block back to the kernel and gets it again page by page: on a training
    step of MOSES' VAE that can cost more than the arithmetic.
    """
    torch.set_num_threads(1)
    if keep_memory and sys.platform == "linux":
        library = ctypes.CDLL(ctypes.util.find_library("c"))
        if hasattr(library, "mallopt"):
            library.mallopt(MMAP_MAX, 0)
            library.mallopt(TRIM_THRESHOLD, NEVER_TRIM)
            library.mallopt(TOP_PAD, PAD)


def gemm_rate(rows: int = 4096, width: int = 512, gates: int = 1536, repeats: int = 8) -> float:
    """Return the GFLOP/s of PyTorch's float32 matrix product in the shape of a GRU layer, the best of some."""
    x, weight = torch.randn(rows, width), torch.randn(width, gates)
    best = float("inf")
    for _ in range(repeats):
        began = time.process_time()
        x @ weight
        best = min(best, time.process_time() - began)
    return 2 * rows * width * gates / best / 1e9


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, least and greatest of what the rounds gave."""
    return {"median": round(median(values), 3), "least": round(min(values), 3), "greatest": round(max(values), 3)}


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return the ratio round by round, so that what slows a round slows both sides."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


def describe() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {"machine": {"processor": platform.machine(), "threads": 1}, "versions": {"torch": version("torch")}}
