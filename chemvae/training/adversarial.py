"""AdversarialTask: one trainer for every game on tuples; the discriminator moves, then the players, at each batch."""

from typing import Any

import torch
from torch import Tensor

from chemvae.nn.adversarial.game import Game, called_fake, called_real, gradient_penalty, value
from chemvae.systems.adversarial import AdversarialRecipe, AdversarialTrainConfig
from chemvae.training.image_batches import ImageBatch
from chemvae.training.system import SystemTask


class AdversarialTask(SystemTask):
    """A game, and an optimiser for either side."""

    model: Game
    settings: AdversarialTrainConfig

    def __init__(self, model: Game, recipe: AdversarialRecipe, batches_per_epoch: int):
        """Store the game and its recipe."""
        super().__init__(model, recipe, batches_per_epoch)
        self.automatic_optimization = False

    def training_step(self, batch: ImageBatch, _: int) -> None:
        """Move the discriminator, then the players against it, from one exchange of tuples."""
        discriminating, playing = self._optimizers()
        # 1. tuples
        bout = self.model.bout(batch.x, batch.y, self.chance)
        # 2. the discriminator
        real, fake = bout.real.detach(), bout.fake.detach()
        logits = self.model.discriminator(real), self.model.discriminator(fake)
        loss = called_real(logits[0]) + called_fake(logits[1])
        if self.settings.gradient_penalty > 0:
            loss = loss + self.settings.gradient_penalty * gradient_penalty(self.model.discriminator, real)
        discriminating.zero_grad()
        self.manual_backward(loss.mean())
        discriminating.step()
        # 3. the players, for whom it stands still
        self.model.discriminator.requires_grad_(False)
        lost = self.model.loss(bout)
        playing.zero_grad()
        self.manual_backward((lost if bout.apart is None else lost + bout.apart).mean())
        playing.step()
        self.model.discriminator.requires_grad_(True)
        self.model.average(self.settings.average)
        # 4. the log
        owed = {} if bout.apart is None else {"train_gaussian_negative_elbo": bout.apart}
        self.count({**diagnostics(*logits, "train"), "train_players_loss": lost, **owed}, len(batch.x))

    def look(self, batch: ImageBatch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return how well the tuples of validation images can be told apart."""
        return looked(self.model, batch, generator, "valid")

    def configure_optimizers(self) -> Any:
        """Return Adam for the discriminator and Adam for the players."""
        train = self.settings
        kind = torch.optim.AdamW if train.weight_decay > 0 else torch.optim.Adam
        sides = [self.model.discriminator.parameters(), self.model.learned()]
        rates = [train.discriminator_rate or train.learning_rate, train.learning_rate]
        return [
            kind(side, lr=rate, betas=train.betas, weight_decay=train.weight_decay)
            for side, rate in zip(sides, rates, strict=True)
        ]

    def _optimizers(self) -> tuple[torch.optim.Optimizer, Any]:
        """Return both with the learning rates of this step; Lightning counts the steps of the players alone."""
        plain: Any = self.optimizers(use_pl_optimizer=False)
        counted: Any = self.optimizers()
        train, share = self.settings, self.rate_at(self.trainer.global_step)
        rates = train.discriminator_rate or train.learning_rate, train.learning_rate
        for optimizer, rate in zip(plain, rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
        return plain[0], counted[1]


@torch.no_grad()
def looked(game: Game, batch: ImageBatch, generator: torch.Generator, part: str) -> dict[str, Tensor]:
    """Return the diagnostics of one exchange over some images, and what the players lose by it."""
    bout = game.bout(batch.x, batch.y, generator)
    found = diagnostics(game.discriminator(bout.real), game.discriminator(bout.fake), part)
    found[f"{part}_players_loss"] = game.loss(bout)
    return found if bout.apart is None else found | {f"{part}_gaussian_negative_elbo": bout.apart}


def diagnostics(real: Tensor, fake: Tensor, part: str) -> dict[str, Tensor]:
    """Return D of real and of fake tuples, and the value of the game: 1/2, 1/2 and -log 4 at rest."""
    return {
        f"{part}_d_real": real.sigmoid(),
        f"{part}_d_fake": fake.sigmoid(),
        f"{part}_value": value(real, fake),
    }
