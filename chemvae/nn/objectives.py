"""Objectives: each a loss per input, in nats, made of the terms of a latent-variable model."""

from jaxtyping import Float
from torch import Tensor

from chemvae.nn.parts import Terms


def negative_elbo(terms: Terms, beta: float = 1.0, free_nats: float = 0.0) -> Float[Tensor, " batch"]:
    """Reconstruction plus beta times KL, both *sums* over tokens and dimensions (Higgins et al., 2017).

    `free_nats` is the KL per dimension below which a dimension is not pushed further (Kingma et al., 2016); where the
    KL has no closed form it is known as a whole only, and `free_nats` is of the whole.
    """
    if terms.kl is None:
        kl = terms.kl_nats
        return -terms.mean(terms.log_px) + beta * (kl.clamp(min=free_nats) if free_nats > 0 else kl)
    per_dimension = terms.kl.clamp(min=free_nats) if free_nats > 0 else terms.kl
    return -terms.mean(terms.log_px) + beta * per_dimension.sum(dim=-1)


def reconstruction_only(terms: Terms) -> Float[Tensor, " batch"]:
    """Reconstruction alone: an autoencoder, with noise unless the posterior is a point."""
    return -terms.mean(terms.log_px)


def kl_only(terms: Terms) -> Float[Tensor, " batch"]:
    """KL alone: the posterior becomes the prior and z says nothing."""
    return terms.kl_nats


def negative_iwae(terms: Terms) -> Float[Tensor, " batch"]:
    """Negative importance-weighted bound over the k samples (Burda et al., 2016); k = 1 is the ELBO."""
    return -terms.log_mean_exp(terms.log_weight)


def score_function(terms: Terms, beta: float = 1.0) -> Float[Tensor, " batch"]:
    """Return what has the gradient of the negative ELBO when no gradient passes through the points (REINFORCE).

    The points have to be drawn with `pathwise=False`. Each is rewarded by its log-weight less the mean log-weight of
    the others of its input, which changes the variance and not the mean (Mnih and Rezende, 2016); k = 1 has none to
    compare with. The value is not the bound: only the gradient is meant.
    """
    k = len(terms.log_px)
    if k > 1 and terms.log_share is not None:
        raise ValueError("Expected samples that count alike, but got strata. Use the pathwise objectives with them.")
    reward = (terms.log_px + beta * (terms.log_pz - terms.log_qz)).detach()  # k x batch
    if k > 1:
        reward = (reward - reward.mean(dim=0)) * (k / (k - 1))
    return -terms.mean(reward * terms.log_qz + terms.log_px + beta * terms.log_pz)
