"""Writing strings token by token: greedy, by temperature or by beam, in batches, finished rows leaving the batch."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from chemvae.nn.parts import BOS, EOS, PAD, Draft, Rules


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
    rules: Rules | None = None,
) -> Int[Tensor, "batch length"]:
    """Write one string per row: the likeliest token at temperature 0, else drawn from softmax(logits / t).

    Under rules the choice is among the tokens that they allow. `rows` is 0 to batch - 1. Strings are padded at the
    right; one that does not end stops at the length cap. A greedy string does not depend on what else is in the batch.
    """
    token = torch.full_like(rows, BOS)
    ids = rows.new_full((len(rows), length), PAD)
    drafts = [rules.begin(length) for _ in rows] if rules is not None else []
    for at in range(length):
        logits = step(token, at)
        token = pick(logits, temperature, generator)
        if rules is not None:
            obey(drafts, token, logits, temperature, generator)
        ids[rows, at] = token
        going = (token != EOS).nonzero()[:, 0]
        if len(going) == 0:
            break
        if len(going) < len(rows):
            rows, token = rows[going], token[going]
            drafts = [drafts[i] for i in going.tolist()] if drafts else drafts
            step.keep(going)
    return ids


def obey(
    drafts: Sequence[Draft],
    token: Int[Tensor, " batch"],
    logits: Float[Tensor, "batch vocab"],
    temperature: float,
    generator: torch.Generator | None,
) -> None:
    """Choose again, in place, where a token is not allowed; where nothing is allowed the string ends.

    All other tokens of such a row are put in the order in which they would be drawn one after the other, never one
    twice (Gumbel noise and a sort); the first that is allowed is a draw from all that are.
    """
    refused = [row for row, chosen in enumerate(token.tolist()) if not drafts[row].take(chosen)]
    if not refused:
        return
    at = torch.tensor(refused, device=token.device)
    left = logits[at]
    if temperature > 0:
        left = left / temperature - torch.empty_like(left).exponential_(generator=generator).log()
    left[torch.arange(len(at), device=at.device), token[at]] = -torch.inf
    order = left.argsort(dim=1, descending=True)[:, :-1].tolist()
    found = [next(filter(drafts[row].take, tokens), EOS) for row, tokens in zip(refused, order, strict=True)]
    token[at] = torch.tensor(found, device=token.device)


def pick(
    logits: Float[Tensor, "batch vocab"], temperature: float, generator: torch.Generator | None
) -> Int[Tensor, " batch"]:
    """Choose the next token of each row."""
    if temperature == 0:
        return logits.argmax(dim=-1)
    return torch.multinomial((logits / temperature).softmax(dim=-1), 1, generator=generator)[:, 0]


@torch.no_grad()
def write_beam(
    step: Stepper, rows: Int[Tensor, " batch"], length: int, beam: int, rules: Rules | None = None
) -> Int[Tensor, "batch length"]:
    """Write the likeliest string per row that a beam search of this width finds, under rules if there are any.

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
    drafts = [rules.begin(length) for _ in range(batch * beam)] if rules is not None else []
    for at in range(length):
        gain = step(token, at).log_softmax(dim=-1)
        vocab = gain.shape[1]
        ended = torch.full((vocab,), -torch.inf, device=rows.device)
        ended[PAD] = 0.0  # a finished beam goes on with padding, at no cost
        gain = torch.where(done[..., None], ended, gain.view(batch, beam, vocab))
        score = (score[..., None] + gain).flatten(1)  # batch x (beam vocab)
        if rules is not None:
            bar(drafts, done, score, beam)
        score, best = score.topk(beam, dim=1)  # batch x beam
        parent, token = best // vocab, best % vocab
        ids = ids.gather(1, parent[..., None].expand_as(ids))
        ids[..., at] = token
        done = done.gather(1, parent) | (token == EOS)
        if bool(done.all()):
            break
        kept = (offset + parent).flatten()
        step.keep(kept)
        token = token.flatten()
        if rules is not None:
            drafts = [drafts[i].copy() for i in kept.tolist()]
            for draft, chosen in zip(drafts, token.tolist(), strict=True):
                draft.take(chosen)
    return ids[:, 0]


def bar(
    drafts: Sequence[Draft], done: Bool[Tensor, "batch beam"], score: Float[Tensor, "batch choices"], beam: int
) -> None:
    """Set the score of choices that are not allowed to minus infinity, until the best of each row are allowed."""
    vocab = score.shape[1] // beam
    asked = set[tuple[int, int]]()
    while True:
        value, best = score.topk(beam, dim=1)
        alive = (value > -torch.inf) & ~done.gather(1, best // vocab)
        choices = set(zip(*where(alive, best), strict=True)) - asked
        asked |= choices
        barred = [
            (row, choice)
            for row, choice in sorted(choices)
            if not drafts[row * beam + choice // vocab].copy().take(choice % vocab)
        ]
        if not barred:
            break
        rows, chosen = torch.tensor(barred, device=score.device).T
        score[rows, chosen] = -torch.inf


def where(alive: Bool[Tensor, "batch beam"], best: Int[Tensor, "batch beam"]) -> tuple[list[int], list[int]]:
    """Return row and choice of those that are alive."""
    return alive.nonzero()[:, 0].tolist(), best[alive].tolist()
