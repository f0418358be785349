"""What makes two timings comparable: one thread, memory that is kept, and the rate of the machine's matrix product."""

import ctypes
import ctypes.util
import sys

import torch

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4  # names of <malloc.h>
NEVER_TRIM, PAD = 2**31 - 1, 2**28


def steady() -> None:
    """Compute on one thread and let freed memory stay with the process, for every side of a comparison alike.

    By default the C library gives each large block back to the kernel and gets it again page by page: on a training
    step of MOSES' VAE that costs more than the arithmetic.
    """
    torch.set_num_threads(1)
    if sys.platform == "linux":
        library = ctypes.CDLL(ctypes.util.find_library("c"))
        if hasattr(library, "mallopt"):
            library.mallopt(MMAP_MAX, 0)
            library.mallopt(TRIM_THRESHOLD, NEVER_TRIM)
            library.mallopt(TOP_PAD, PAD)
