"""The table of families: the key `family` of a recipe to what it means. To add one, add a module and a line."""

from chemvae.families.adversarial import ADVERSARIAL
from chemvae.families.energy import ENERGY
from chemvae.families.family import Family
from chemvae.families.latent import LATENT
from chemvae.families.toy import TOY

FAMILIES: dict[str, Family] = {
    "latent": LATENT,  # autoencoders and variational autoencoders: encoder, posterior, prior, decoder, objective
    "adversarial": ADVERSARIAL,  # a discriminator against players: GAN, ALI, adversarial VAE
    "energy": ENERGY,  # Boltzmann machines, stacks of them, and the Helmholtz machine
    "toy": TOY,  # worked examples without images
}
