"""Generative adversarial nets, told the class or not, and adversarially learned inference."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.adversarial.game import Bout, Discriminator, Game, Pair, called_fake, called_real, images_at


class GAN(Game):
    """Tuples (x) against (G(z)) (Goodfellow et al., 2014); told classes, (x, y) against (G(z, y), y)."""

    def __init__(
        self, generator: nn.Module, discriminator: Discriminator, latent: int, *, minimax: bool, conditional: bool
    ):
        """Store the networks, whether the generator's loss is log(1 - D), and whether both are told classes."""
        super().__init__({"generator": generator}, discriminator, latent)
        self.minimax, self.conditional = minimax, conditional

    def bout(
        self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch classes"] | None, generator: torch.Generator
    ) -> Bout:
        """Return the images with their classes, and as many made for the same classes."""
        given = y if self.conditional else None
        made = images_at(self.players["generator"], self.noise(len(x), generator), given)
        return Bout(Pair(x, given), Pair(made, given))

    def loss(self, bout: Bout) -> Float[Tensor, " batch"]:
        """Return the generator's loss."""
        logits = self.discriminator(bout.fake)
        return -called_fake(logits) if self.minimax else called_real(logits)


class ALI(Game):
    """Tuples (x, E(x)) against (G(z), z) (Dumoulin et al., 2017; Donahue et al., 2017)."""

    def __init__(self, generator: nn.Module, encoder: nn.Module, discriminator: Discriminator, latent: int):
        """Store the networks; the encoder returns a posterior."""
        super().__init__({"generator": generator, "encoder": encoder}, discriminator, latent)

    def bout(
        self,
        x: Float[Tensor, "batch pixels"],
        y: Float[Tensor, "batch classes"] | None,  # noqa: ARG002 - this game is told no classes
        generator: torch.Generator,
    ) -> Bout:
        """Return images with their codes, and points with their images."""
        z = self.noise(len(x), generator)
        code = self.players["encoder"](x).draw(generator).z[0]
        return Bout(Pair(x, code), Pair(images_at(self.players["generator"], z), z))

    def loss(self, bout: Bout) -> Float[Tensor, " batch"]:
        """Return what generator and encoder lose: each wants its tuple to be taken for the other's."""
        return called_real(self.discriminator(bout.fake)) + called_fake(self.discriminator(bout.real))

    @torch.no_grad()
    def encode(self, x: Float[Tensor, "n pixels"]) -> Float[Tensor, "n latent"]:
        """Return the codes of some images, by the steady encoder."""
        return self.steady["encoder"](x).mean
