"""What every test shares: one thread for torch, whatever else the machine does.

`chemvae` is imported inside fixtures only: the shape checker hooks the package at its first import.
"""

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Two OpenMP threads beside another job fall to a tenth of the speed of one."""
    import torch

    torch.set_num_threads(1)
