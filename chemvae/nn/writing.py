"""Writing strings token by token: greedy, by temperature or by beam, in batches, finished rows leaving the batch."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from chemvae.nn.parts import BOS, EOS, PAD


@runtime_checkable
class Stepper(Protocol):
    """A recurrence over a batch of strings that are being written."""

    def __call__(self, token: Int[Tensor, " batch"], at: int) -> Float[Tensor, "batch vocab"]:
        """Feed the last token of each row at place `at`; return the logits of the next."""
        ...

    def keep(self, rows: Int[Tensor, " rows"]) -> None:
        """Keep only these rows of the batch, in this order; a row may be taken twice."""
        ...


@torch.no_grad()
def write(
    step: Stepper,
    rows: Int[Tensor, " batch"],
    length: int,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
) -> Int[Tensor, "batch length"]:
    """Write one string per row: the likeliest token at temperature 0, else drawn from softmax(logits / t).

    `rows` is 0 to batch - 1. Strings are padded at the right; one that does not end stops at the length cap. A greedy
    string does not depend on what else is in the batch.
    """
    token = torch.full_like(rows, BOS)
    ids = rows.new_full((len(rows), length), PAD)
    for at in range(length):
        logits = step(token, at)
        token = pick(logits, temperature, generator)
        ids[rows, at] = token
        going = (token != EOS).nonzero()[:, 0]
        if len(going) == 0:
            break
        if len(going) < len(rows):
            rows, token = rows[going], token[going]
            step.keep(going)
    return ids


def pick(
    logits: Float[Tensor, "batch vocab"], temperature: float, generator: torch.Generator | None
) -> Int[Tensor, " batch"]:
    """Choose the next token of each row."""
    if temperature == 0:
        return logits.argmax(dim=-1)
    return torch.multinomial((logits / temperature).softmax(dim=-1), 1, generator=generator)[:, 0]


@torch.no_grad()
def write_beam(step: Stepper, rows: Int[Tensor, " batch"], length: int, beam: int) -> Int[Tensor, "batch length"]:
    """Write the likeliest string per row that a beam search of this width finds.

    `rows` is 0 to batch - 1; `step` holds `batch x beam` rows, the beams of a string side by side. All rows and
    beams advance together; a finished beam stays, with its score, until a better one pushes it out.
    """
    batch = len(rows)
    ids = rows.new_full((batch, beam, length), PAD)
    score = torch.full((batch, beam), -torch.inf, device=rows.device)
    score[:, 0] = 0.0  # all beams begin alike: only the first may branch
    token = rows.new_full((batch * beam,), BOS)
    done = torch.zeros_like(score, dtype=torch.bool)
    offset = rows[:, None] * beam
    for at in range(length):
        gain = step(token, at).log_softmax(dim=-1)
        vocab = gain.shape[1]
        ended = torch.full((vocab,), -torch.inf, device=rows.device)
        ended[PAD] = 0.0  # a finished beam goes on with padding, at no cost
        gain = torch.where(done[..., None], ended, gain.view(batch, beam, vocab))
        score, best = (score[..., None] + gain).flatten(1).topk(beam, dim=1)  # batch x beam
        parent, token = best // vocab, best % vocab
        ids = ids.gather(1, parent[..., None].expand_as(ids))
        ids[..., at] = token
        done = done.gather(1, parent) | (token == EOS)
        if bool(done.all()):
            break
        step.keep((offset + parent).flatten())
        token = token.flatten()
    return ids[:, 0]
