"""Products of many rows with weights that do not change: in floats through oneDNN, or in numbers of eight bits."""

import platform
from collections.abc import Callable

import torch
from jaxtyping import Float, Int8
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from chemvae.errors import InputError

WHOLE = 127
"""The largest whole number of eight bits that has its negative."""

PART = 128
"""A weight is `high x PART + low`, both in eight bits."""

WIDEST = 2**31 // (WHOLE * WHOLE * PART + WHOLE * PART)
"""Numbers that can be summed in 32 bits."""

Product = Callable[[Tensor], Tensor]
"""Rows in, rows times weights plus bias out."""


class FloatProducts:
    """Products in floats; on x86 with weights laid out for oneDNN, which is a sixth faster there than PyTorch's own."""

    def __init__(self, rows: int):
        """Store how many rows to lay weights out for."""
        self.rows = rows

    def see(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """Return rows in the form in which the products take them: as they are."""
        return x

    def of(self, weight: Float[Tensor, "gates width"], bias: Float[Tensor, " gates"]) -> Product:
        """Return the product with these weights."""
        if weight.device.type == "cpu" and packs_weights():
            packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), self.rows)
            return lambda x: torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")
        return lambda x: F.linear(x, weight, bias)


class Int8Products:
    """Products in whole numbers of eight bits: a state is one of them, a weight two, each row of weights to its scale.

    Weights in one number would change one string in forty; the second costs half of the speed gained and leaves one in
    two hundred. A state of a GRU stays between -1 and 1 if it begins there, so its scale is known beforehand and what
    comes out of a row does not depend on the other rows.
    """

    def __init__(self, bound: float = 1.0):
        """Store the largest value that a state can have."""
        self.unit = WHOLE / bound

    def see(self, x: Float[Tensor, "batch width"]) -> Int8[Tensor, "batch width"]:
        """Return rows in the form in which the products take them: rounded."""
        return (x * self.unit).round_().to(torch.int8)

    def of(self, weight: Float[Tensor, "gates width"], bias: Float[Tensor, " gates"]) -> Product:
        """Return the product with these weights, rounded.

        Raises:
            InputError: the weights are so wide that their sums could pass 32 bits.
        """
        gates, width = weight.shape
        if width > WIDEST:
            raise InputError(f"Expected a width of at most {WIDEST} for eight bits, but got {width}. Decode in floats.")
        scale = weight.abs().amax(dim=1).clamp(min=torch.finfo(weight.dtype).tiny) / (WHOLE * PART)  # gates
        whole = (weight / scale[:, None]).round_()
        high = (whole / PART).round_()
        both = torch.cat([high, whole - PART * high]).to(torch.int8).T.contiguous()  # width x 2 gates
        scale = scale / self.unit

        def product(x: Int8[Tensor, "batch width"]) -> Float[Tensor, "batch gates"]:
            high, low = torch._int_mm(x, both).split(gates, dim=1)
            return torch.addcmul(bias, torch.add(low, high, alpha=PART).float(), scale)

        return product


def packs_weights() -> bool:
    """Tell whether PyTorch was built with oneDNN's products on this kind of processor."""
    return (
        platform.machine().lower() in ("x86_64", "amd64")
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
    )
