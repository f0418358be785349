"""From a recipe to networks: the seed decides the weights, the targets the head."""

import torch

from chemvae.config import ModelConfig
from chemvae.nn.build import build, seeded
from chemvae.nn.vae import VAE

SMALL = ModelConfig.model_validate(
    {
        "latent": 4,
        "encoder": {"embed": 8, "channels": [8], "kernels": [3], "strides": [2], "hidden": [8]},
        "decoder": {"embed": 8, "width": 8, "memory": 4, "hidden": 8},
    }
)


def vae(seed: int) -> VAE:
    return seeded(SMALL, 9, 12, {"logp": False}, seed)


def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, two, three = vae(seed=1), vae(seed=1), vae(seed=2)
    assert torch.equal(before, torch.get_rng_state())
    same = [torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True)]
    assert all(same)
    assert any(not torch.equal(a, b) for a, b in zip(one.parameters(), three.parameters(), strict=True))


def test_a_head_is_built_for_targets_and_if_it_is_wanted() -> None:
    assert build(SMALL, 9, 12, {}).head is None
    assert build(SMALL.model_copy(update={"head": False}), 9, 12, {"logp": False}).head is None
    head = build(SMALL, 9, 12, {"logp": False, "toxic": True}).head
    assert head is not None
    assert head.names == ("logp", "toxic")
    assert head.binary.tolist() == [False, True]
