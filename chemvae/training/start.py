"""Where a training starts: weights from the seed alone, or the encoder and decoder of a model that is there."""

import torch

from chemvae.config import Recipe
from chemvae.errors import BundleError, InputError
from chemvae.io.bundle import Bundle, read_bundle
from chemvae.io.carried import find_bundle
from chemvae.io.prepared import PreparedData
from chemvae.nn.build import seeded
from chemvae.nn.vae import VAE

TAKEN = ("encoder.", "decoder.")
"""Weights that go on; the head belongs to the labels it was trained on."""


def start_of(recipe: Recipe, data: PreparedData) -> Bundle | None:
    """Read the model that a recipe starts from and check that it can write the table; None if it starts from none.

    Raises:
        BundleError: it is no sound model.
        InputError: the table was cut into other tokens, or is longer than the model writes.
        MissingFileError: it is not there.
    """
    source = recipe.train.start_from
    if source is None:
        return None
    bundle = read_bundle(find_bundle(source))
    if data.tokenizer != bundle.tokenizer or data.length > bundle.length:
        raise InputError(
            f"Expected the tokens of {source} in {data.folder}, at most {bundle.length - 1} a molecule, but got "
            f"{'longer molecules' if data.tokenizer == bundle.tokenizer else 'others'}. Prepare the table with "
            f"--tokenizer {source} and a lower --max-length."
        )
    return bundle


def first_weights(recipe: Recipe, data: PreparedData) -> VAE:
    """Build the networks of a run, the head with the scale of the table's labels.

    Raises:
        BundleError: the model to start from is not what its configuration says.
    """
    targets = {target["name"]: target["kind"] == "yesno" for target in data.manifest["targets"]}
    start = start_of(recipe, data)
    vae = seeded(recipe.model, data.vocab, start.length if start else data.length, targets, recipe.seed)
    if start is not None:
        go_on(vae, start)
    if vae.head is not None:
        scales = [[t["mean"], t["std"]] for t in data.manifest["targets"]]
        vae.head.set_scale(*torch.tensor(scales, dtype=torch.float32).T)
    return vae


def length_of(recipe: Recipe, data: PreparedData) -> int:
    """Return the longest string that the networks of a run write, in tokens, the end mark included."""
    start = start_of(recipe, data)
    return start.length if start else data.length


def go_on(vae: VAE, start: Bundle) -> None:
    """Give networks the encoder and decoder of a model.

    Raises:
        BundleError: they have other names or shapes.
    """
    taken = {name: torch.from_numpy(value.copy()) for name, value in start.weights.items() if name.startswith(TAKEN)}
    wanted = {name: value for name, value in vae.state_dict().items() if name.startswith(TAKEN)}
    for name in sorted(taken.keys() | wanted.keys()):
        shapes = [tuple(weights[name].shape) if name in weights else None for weights in (wanted, taken)]
        if shapes[0] != shapes[1]:
            raise BundleError(
                f"Expected weights {name} of shape {shapes[0]} in {start.name}, but got {shapes[1]}. "
                "Its config.json belongs to another model: copy the bundle again."
            )
    vae.load_state_dict(taken, strict=False)
