"""Errors are of few kinds, each also what Python would have raised."""

import pytest

from chemvae import errors


def test_every_error_is_caught_by_its_base() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.ChemvaeError]
    assert kinds
    assert all(issubclass(kind, errors.ChemvaeError) for kind in kinds)


@pytest.mark.parametrize(
    ("kind", "python"),
    [
        (errors.InputError, ValueError),
        (errors.MissingFileError, FileNotFoundError),
        (errors.ExistsError, FileExistsError),
        (errors.ConfigError, ValueError),
        (errors.BundleError, ValueError),
    ],
)
def test_and_by_pythons_own(kind: type[Exception], python: type[Exception]) -> None:
    with pytest.raises(python):
        raise kind("Expected this, but got that.")
