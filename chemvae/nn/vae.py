"""VAE: the latent-variable model of strings, with a property head if wanted."""

from chemvae.nn.head import PropertyHead
from chemvae.nn.model import LatentModel, blur
from chemvae.nn.parts import Encoder, StringDecoder
from chemvae.nn.prior import Prior

__all__ = ["VAE", "blur"]


class VAE(LatentModel):
    """An encoder and a decoder of token ids, a prior, if wanted a head that reads properties off z."""

    encoder: Encoder
    decoder: StringDecoder

    def __init__(self, encoder: Encoder, decoder: StringDecoder, prior: Prior, head: PropertyHead | None = None):
        """Store the parts."""
        super().__init__(encoder, decoder, prior)
        self.head: PropertyHead | None = head
