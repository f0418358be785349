"""log Z: exact on machines that are small, and annealed importance sampling beside it."""

import itertools
import math

import pytest
import torch

from chemvae.nn.energy.annealing import annealed, exact_log_z
from chemvae.nn.energy.dbm import DBM
from chemvae.nn.energy.rbm import Pair
from chemvae.systems.energy import DBMConfig


def machine(visible: int, hidden: int, strength: float = 1.0) -> Pair:
    noise = torch.Generator().manual_seed(0)
    weight, b, c = (torch.randn(*shape, generator=noise) for shape in ((visible, hidden), (visible,), (hidden,)))
    return Pair(strength * weight, b, c)


def states(n: int) -> torch.Tensor:
    return torch.tensor(list(itertools.product((0.0, 1.0), repeat=n)))


@torch.no_grad()
def test_exact_is_the_sum_over_every_state() -> None:
    pair = machine(4, 3)
    v, h = states(4), states(3)
    energy = (v @ pair.b)[:, None] + (h @ pair.c)[None] + v @ pair.weight @ h.mT
    assert exact_log_z(pair) == pytest.approx(float(energy.flatten().logsumexp(dim=0)), abs=1e-5)
    assert float(pair.log_density(v).logsumexp(dim=0)) == pytest.approx(exact_log_z(pair), abs=1e-5)


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_annealing_comes_to_the_exact_log_z(strength: float) -> None:
    pair = machine(20, 12, strength)
    found = annealed(pair, torch.zeros(20), 200, 300, torch.Generator().manual_seed(0))
    assert found.log_z == pytest.approx(exact_log_z(pair), abs=5 * found.error + 1e-3)
    assert 0 < found.error < 0.2
    assert set(found.particles.unique().tolist()) <= {0.0, 1.0}


def test_independent_units_need_no_annealing() -> None:
    pair = Pair(torch.zeros(5, 3), torch.linspace(-1, 1, 5), torch.zeros(3))
    found = annealed(pair, pair.b.detach(), 10, 1, torch.Generator().manual_seed(0))
    assert found.log_z == pytest.approx(exact_log_z(pair), abs=1e-5)
    assert found.error == pytest.approx(0.0, abs=1e-6)


def test_so_is_a_deep_machine_told_as_a_pair() -> None:
    torch.manual_seed(0)
    deep = DBM(torch.full((5,), 0.4), DBMConfig(hidden=(4, 3, 2), chains=2))
    with torch.no_grad():
        for weight in deep.weights:
            weight.normal_()
        every = torch.stack(
            [
                -deep.energy([v[None], a[None], b[None], c[None]])[0]
                for v, a, b, c in itertools.product(states(5), states(4), states(3), states(2))
            ]
        )
    assert exact_log_z(deep.whole()) == pytest.approx(float(every.logsumexp(dim=0)), abs=1e-4)
    found = annealed(deep.whole(), deep.base, 200, 300, torch.Generator().manual_seed(0))
    assert found.log_z == pytest.approx(exact_log_z(deep.whole()), abs=5 * found.error + 1e-3)


def test_what_cannot_be_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 20 hidden units"):
        exact_log_z(machine(2, 21))
    assert math.isnan(annealed(machine(2, 2), torch.zeros(2), 1, 1, torch.Generator().manual_seed(0)).error)
