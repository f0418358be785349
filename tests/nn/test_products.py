"""Products: in floats to the last digit, in eight bits to the last of those, each row for itself."""

import pytest
import torch

from chemvae.errors import InputError
from chemvae.nn.products import WIDEST, FloatProducts, Int8Products, packs_weights


@pytest.fixture
def given() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(12, 40), torch.randn(12), torch.randn(9, 40).tanh()


@pytest.mark.parametrize("packs", [True, False])
def test_floats(given, packs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    weight, bias, x = given
    monkeypatch.setattr("chemvae.nn.products.packs_weights", lambda: packs and packs_weights())
    products = FloatProducts(9)
    torch.testing.assert_close(products.of(weight, bias)(products.see(x)), x @ weight.T + bias)


def test_eight_bits_are_as_near_as_rounding_lets_them_be(given) -> None:
    weight, bias, x = given
    products = Int8Products()
    found = products.of(weight, bias)(products.see(x))
    step_w, step_x = weight.abs().amax(dim=1) / (127 * 128), 1 / 127
    bound = 0.5 * (step_w * x.abs().sum(dim=1, keepdim=True) + step_x * weight.abs().sum(dim=1) + 40 * step_w * step_x)
    assert ((found - (x @ weight.T + bias)).abs() <= bound).all()
    assert (found - (x @ weight.T + bias)).abs().max() > 1e-4
    assert torch.equal(products.of(weight, bias)(products.see(x[3:4])), found[3:4])


def test_weights_of_zero_do_no_harm() -> None:
    products = Int8Products()
    found = products.of(torch.zeros(3, 4), torch.ones(3))(products.see(torch.ones(2, 4)))
    assert torch.equal(found, torch.ones(2, 3))


def test_sums_that_could_pass_32_bits_are_refused() -> None:
    weight, x = torch.ones(1, WIDEST), torch.ones(1, WIDEST)
    products = Int8Products()
    assert products.of(weight, torch.zeros(1))(products.see(x)).item() == pytest.approx(WIDEST, rel=1e-4)
    with pytest.raises(InputError, match=f"at most {WIDEST}"):
        products.of(torch.ones(1, WIDEST + 1), torch.zeros(1))
