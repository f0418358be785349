"""From a recipe's sections to networks."""

import torch

from chemvae.config import ModelConfig, PriorConfig
from chemvae.nn.decoder import GRUDecoder
from chemvae.nn.encoder import ConvEncoder
from chemvae.nn.head import PropertyHead
from chemvae.nn.prior import build_prior
from chemvae.nn.vae import VAE


def build(config: ModelConfig, vocab: int, length: int, targets: dict[str, bool]) -> VAE:
    """Build an untrained model.

    Args:
        config: how large the networks are.
        vocab: number of token ids, the four special ones included.
        length: longest string in tokens, the end mark included.
        targets: name of each property, and whether it is a yes/no label.
    """
    encoder = ConvEncoder(vocab, length, config.latent, config.encoder)
    decoder = GRUDecoder(vocab, length, config.latent, config.decoder)
    head = None
    if config.head and targets:
        head = PropertyHead(config.latent, list(targets), list(targets.values()), config.head)
    return VAE(encoder, decoder, build_prior(config.prior, config.latent), head)


def seeded(config: ModelConfig, vocab: int, length: int, targets: dict[str, bool], seed: int) -> VAE:
    """Build a model whose first weights depend on the seed alone; the global generator is left as it was.

    Its prior is N(0, I), whatever the recipe says: one that is learned is fitted when the networks are trained.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build(config.model_copy(update={"prior": PriorConfig()}), vocab, length, targets)
