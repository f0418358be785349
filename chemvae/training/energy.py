"""EnergyTask: what a step of an energy model of binary images is."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.energy.machine import Machine
from chemvae.systems.energy import EnergyRecipe
from chemvae.training.image_batches import ImageBatch
from chemvae.training.system import SystemTask

TINY = 1e-6


class EnergyTask(SystemTask):
    """Any machine; its loss has the right gradient, and how well images are recalled is what the log can tell."""

    model: Machine

    def __init__(self, model: Machine, recipe: EnergyRecipe, batches_per_epoch: int):
        """Store the machine and its recipe."""
        super().__init__(model, recipe, batches_per_epoch)

    def training_step(self, batch: ImageBatch, _: int) -> Tensor:
        """Return the mean loss of a batch; how well it is recalled is kept for the epoch's line in the log."""
        loss = self.model.loss(batch.x, self.chance, self.current_epoch)
        self.count({"train_recall": self.missed(batch)}, len(batch.x))
        return loss.mean()

    @torch.no_grad()
    def missed(self, batch: ImageBatch) -> Tensor:
        """Return the cross-entropy between each image and what comes back of it, in nats."""
        back = self.model.recalled(batch.x).clamp(TINY, 1 - TINY)
        return F.binary_cross_entropy(back, batch.x, reduction="none").sum(dim=1)

    def look(self, batch: ImageBatch, generator: torch.Generator) -> dict[str, Tensor]:  # noqa: ARG002 - by means
        """Return how well each image is recalled."""
        return {"valid_recall": self.missed(batch)}
