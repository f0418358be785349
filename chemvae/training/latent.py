"""LatentTask: what a step of a latent-variable model of images is, with a table of its objectives."""

from collections.abc import Callable

import torch
from torch import Tensor

from chemvae.nn.model import LatentModel
from chemvae.nn.objectives import kl_only, negative_elbo, negative_iwae, reconstruction_only, score_function
from chemvae.nn.parts import Terms
from chemvae.systems.latent import ImageObjectiveConfig, LatentRecipe
from chemvae.training.image_batches import ImageBatch
from chemvae.training.system import SystemTask
from chemvae.training.task import active_units

OBJECTIVES: dict[str, Callable[[Terms, ImageObjectiveConfig, float], Tensor]] = {
    "elbo": lambda terms, settings, beta: negative_elbo(terms, beta, settings.free_nats),
    "iwae": lambda terms, _, __: negative_iwae(terms),
    "reconstruction": lambda terms, _, __: reconstruction_only(terms),
    "kl": lambda terms, _, __: kl_only(terms),
    "score_function": lambda terms, _, beta: score_function(terms, beta),
}
"""Terms, settings and beta of the moment to a loss per image."""

LOOKED_AT = OBJECTIVES | {"score_function": lambda terms, _, beta: negative_elbo(terms, beta)}
"""The same for validation: the score function's loss has the right gradient and no meaning."""


class LatentTask(SystemTask):
    """Any choice of encoder, posterior, prior, decoder and objective."""

    model: LatentModel

    def __init__(self, model: LatentModel, recipe: LatentRecipe, batches_per_epoch: int):
        """Store the model and its recipe."""
        super().__init__(model, recipe, batches_per_epoch)
        self.objective, self.conditional = recipe.objective, recipe.conditional

    def _terms(self, batch: ImageBatch, generator: torch.Generator, *, pathwise: bool = True) -> Terms:
        y = batch.y if self.conditional else None
        return self.model(batch.x, generator, self.objective.k, y=y, pathwise=pathwise)[0]

    def training_step(self, batch: ImageBatch, _: int) -> Tensor:
        """Return the mean loss of a batch; what it is made of is kept for the epoch's line in the log."""
        settings = self.objective
        terms = self._terms(batch, self.chance, pathwise=settings.kind != "score_function")
        beta = settings.beta * (min(self.epoch / settings.rise, 1.0) if settings.rise > 0 else 1.0)
        loss = OBJECTIVES[settings.kind](terms, settings, beta)
        parts, kl = {"train_reconstruction": -terms.mean(terms.log_px)}, terms.kl_nats
        self.count(parts if kl.isinf().any() else parts | {"train_kl": kl}, len(batch.x))  # a point has no KL
        return loss.mean()

    def look(self, batch: ImageBatch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return loss, reconstruction and KL of each image in nats, and where the posterior is."""
        terms = self._terms(batch, generator)
        posterior = self.model.amortised(batch.x, batch.y if self.conditional else None)
        found = {
            "valid_loss": LOOKED_AT[self.objective.kind](terms, self.objective, self.objective.beta),
            "valid_reconstruction": -terms.mean(terms.log_px),
            "valid_kl": terms.kl_nats,
            "mean": posterior.mean,
        }
        return found if terms.kl is None else found | {"kl": terms.kl}

    def summarise(self, seen: dict[str, Tensor]) -> dict[str, float]:
        """Return the means, and the share of latent dimensions that differ between images."""
        where, kl = seen.pop("mean"), seen.pop("kl", None)
        self.kl_per_dimension = [] if kl is None else kl.mean(dim=0).tolist()
        return {**super().summarise(seen), "active_units": float(active_units(where))}
