"""Objectives: each a loss per molecule, in nats, made of the terms of a latent-variable model."""

import math

from jaxtyping import Float
from torch import Tensor

from chemvae.nn.parts import Terms


def negative_elbo(terms: Terms, beta: float = 1.0, free_nats: float = 0.0) -> Float[Tensor, " batch"]:
    """Reconstruction plus beta times KL, both *sums* over tokens and dimensions (Higgins et al., 2017).

    `free_nats` is the KL per dimension below which a dimension is not pushed further (Kingma et al., 2016).
    """
    kl = terms.kl.clamp(min=free_nats) if free_nats > 0 else terms.kl
    return -terms.log_px.mean(dim=0) + beta * kl.sum(dim=-1)


def reconstruction_only(terms: Terms) -> Float[Tensor, " batch"]:
    """Reconstruction alone: an autoencoder with noise."""
    return -terms.log_px.mean(dim=0)


def kl_only(terms: Terms) -> Float[Tensor, " batch"]:
    """KL alone: the posterior becomes the prior and z says nothing."""
    return terms.kl.sum(dim=-1)


def negative_iwae(terms: Terms) -> Float[Tensor, " batch"]:
    """Negative importance-weighted bound over the k samples (Burda et al., 2016); k = 1 is the ELBO."""
    weights = terms.log_px + terms.log_pz - terms.log_qz  # k x batch
    return -(weights.logsumexp(dim=0) - math.log(weights.shape[0]))
