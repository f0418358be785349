"""The parts keep what they promise each other."""

from chemvae.chem.tokens import SPECIAL
from chemvae.config import DecoderConfig, EncoderConfig
from chemvae.nn.decoder import GRUDecoder
from chemvae.nn.encoder import ConvEncoder
from chemvae.nn.parts import BOS, EOS, PAD, UNK, Decoder, Encoder


def test_special_ids_are_those_of_the_tokenizer() -> None:
    assert [SPECIAL[i] for i in (PAD, BOS, EOS, UNK)] == ["<pad>", "<bos>", "<eos>", "<unk>"]


def test_encoder_and_decoder_are_what_a_vae_takes() -> None:
    assert isinstance(ConvEncoder(9, 12, 4, EncoderConfig()), Encoder)
    assert isinstance(GRUDecoder(9, 12, 4, DecoderConfig()), Decoder)
