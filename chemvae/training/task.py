"""VAETask: what Lightning does at a training and a validation step of a VAE."""

import torch
from jaxtyping import Float
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor

from chemvae.config import Recipe
from chemvae.nn.head import PropertyHead
from chemvae.nn.objectives import negative_elbo
from chemvae.nn.parts import PAD
from chemvae.nn.vae import VAE
from chemvae.training.batches import Batch
from chemvae.training.keeping import epoch_line
from chemvae.training.schedules import beta_at, blurred_at, learning_rate_at
from chemvae.training.seeded import SeededTask

ACTIVE = 0.01
"""A latent dimension is active if the variance of its posterior mean over molecules exceeds this (Burda, 2016)."""


class VAETask(SeededTask):
    """Negative ELBO plus the property loss, every term a sum in nats, averaged over molecules."""

    counted = "molecules"

    def __init__(self, vae: VAE, recipe: Recipe, batches_per_epoch: int):
        """Store the model and what to do with it; the noise has a generator of its own, seeded by the recipe."""
        super().__init__(recipe.seed)
        self.vae, self.recipe, self.batches_per_epoch = vae, recipe, batches_per_epoch
        self._seen: list[dict[str, Tensor]] = []

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the mean loss of a batch; what it is made of is kept for the epoch's line in the log."""
        objective, epoch = self.recipe.objective, self._epoch(batch_idx)
        terms, z = self.vae(batch.x, self.chance, blurred=blurred_at(objective, epoch))
        loss = negative_elbo(terms, beta_at(objective, epoch), objective.free_nats)
        nll, kl = -terms.log_px.mean(dim=0), terms.kl.sum(dim=-1)
        parts = {"train_nll": nll, "train_kl": kl}
        if self.vae.head is not None and self.recipe.model.head:
            head = self.vae.head.loss(z.mean(dim=0), batch.y)
            loss = loss + self.recipe.model.head.weight * head
            parts["train_property"] = head
        self.count(parts, len(batch.x), batch.weight)
        self.log("nll", nll.mean(), prog_bar=True, logger=False)
        return loss.mean() * batch.weight

    def epoch_means(self) -> dict[str, float]:
        """Return the means over the molecules of this epoch so far, and begin anew."""
        return {**super().epoch_means(), "beta": beta_at(self.recipe.objective, self.current_epoch + 1.0)}

    def line(self, row: dict[str, float], epochs: int | None) -> str:
        """Tell an epoch in one line."""
        return epoch_line(row, epochs)

    def _epoch(self, batch_idx: int) -> float:
        return self.current_epoch + batch_idx / self.batches_per_epoch

    def validation_step(self, batch: Batch, _: int) -> None:
        """Encode, show the decoder the truth from the posterior's mean, and keep what each molecule gave.

        If the likeliest token is right at every place when the true ones before it are shown, a greedy decode
        writes the same string; so exact match needs no decode.
        """
        posterior = self.vae.encoder(batch.x)
        logits = self.vae.decoder.logits(posterior.mean, batch.x)
        nll = torch.nn.functional.cross_entropy(logits.mT, batch.x, ignore_index=PAD, reduction="none").sum(dim=1)
        right, token = logits.argmax(dim=-1) == batch.x, batch.x != PAD
        seen = {
            "nll": nll,
            "exact": (right | ~token).all(dim=1).float(),
            "right": (right & token).sum(dim=1).float(),
            "tokens": token.sum(dim=1).float(),
            "kl": posterior.kl(),
            "mean": posterior.mean,
        }
        if self.vae.head is not None:
            seen["predicted"], seen["label"] = self.vae.head(posterior.mean), batch.y
            seen["property"] = self.vae.head.loss(posterior.mean, batch.y)
        self._seen.append({name: value.float() for name, value in seen.items()})

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the validation molecules."""
        self.log_dict(self.figures(), sync_dist=True)

    def figures(self) -> dict[str, float]:
        """Return the figures of the validation molecules seen since the last time."""
        seen = {name: torch.cat([part[name] for part in self._seen]) for name in self._seen[0]}
        self._seen.clear()
        self.kl_per_dimension = seen["kl"].mean(dim=0).tolist()
        return validation_figures(seen, self.recipe, self.vae)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """Return AdamW with the recipe's schedule, moved at every step."""
        train = self.recipe.train
        adam = torch.optim.AdamW(
            self.vae.parameters(), lr=train.learning_rate, betas=train.betas, weight_decay=train.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            adam, lambda step: learning_rate_at(train, step, step / self.batches_per_epoch)
        )
        return {"optimizer": adam, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, _: int) -> Batch:
        """Move a batch."""
        return batch.to(device)


def validation_figures(seen: dict[str, Tensor], recipe: Recipe, vae: VAE) -> dict[str, float]:
    """Return the figures of one look at the validation molecules, by name; a property without a label has none."""
    kl = seen["kl"].mean(dim=0)  # latent
    beta = beta_at(recipe.objective, recipe.train.epochs)  # the one aimed at, so that epochs can be compared
    loss = seen["nll"].mean() + beta * kl.sum()
    figures = {
        "valid_nll": seen["nll"].mean(),
        "valid_kl": kl.sum(),
        "exact_reconstruction": seen["exact"].mean(),
        "token_accuracy": seen["right"].sum() / seen["tokens"].sum(),
        "active_units": active_units(seen["mean"]),
        "kl_least": kl.min(),
        "kl_most": kl.max(),
    }
    if vae.head is not None and recipe.model.head:
        loss = loss + recipe.model.head.weight * seen["property"].mean()
        figures |= property_figures(vae.head, seen["predicted"], seen["label"])
    return {"valid_loss": float(loss), **{name: float(value) for name, value in figures.items()}}


def property_figures(
    head: PropertyHead, predicted: Float[Tensor, "n props"], label: Float[Tensor, "n props"]
) -> dict[str, Tensor]:
    """Return the mean absolute error of each number, the AUROC of each yes/no label, over the labels that are there."""
    figures = {}
    for i, (name, yes_no) in enumerate(zip(head.names, head.binary.tolist(), strict=True)):
        known = ~label[:, i].isnan()
        guess, truth = predicted[known, i], label[known, i]
        if yes_no and len(truth.unique()) == 2:  # noqa: PLR2004 (there are both)
            figures[f"auroc_{name}"] = auroc(guess, truth)
        elif not yes_no and len(truth) > 0:
            figures[f"mae_{name}"] = (guess - truth).abs().mean()
    return figures


def auroc(score: Float[Tensor, " n"], label: Float[Tensor, " n"]) -> Tensor:
    """Return how often a yes scores higher than a no; a tie counts as half."""
    yes, no = score[label == 1], score[label == 0].sort().values
    below, upto = torch.searchsorted(no, yes), torch.searchsorted(no, yes, right=True)
    return (below + upto).double().mean() / (2 * len(no))


def active_units(means: Float[Tensor, "n latent"]) -> Tensor:
    """Return the share of latent dimensions that differ between molecules."""
    return (means.var(dim=0) > ACTIVE).float().mean()
