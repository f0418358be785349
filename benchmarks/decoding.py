"""Decoding speed: our writer and the loops of two peers over the same weights, in turn, on one thread."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.machine import describe, ratio, spread, steady
from benchmarks.moses_vae import read_lines
from benchmarks.peers.chemical import PADDING, ChemicalVAE
from benchmarks.peers.moses import Characters, MosesSettings, MosesVAE
from chemvae.codec import Codec
from chemvae.io.atomic import sha256, write_json
from chemvae.io.bundle import WEIGHTS, read_bundle
from chemvae.io.carried import BUNDLES
from chemvae.nn.parts import BOS, EOS, PAD
from chemvae.nn.recurrence import NEVER, Step
from chemvae.nn.writing import write

RESULT = Path(__file__).resolve().parent / "results" / "decoding.json"
BATCH = 1024
"""of our writer, as in `Codec.decode`"""


class Ending:
    """A recurrence whose strings end where some real ones do: what MOSES' weights write is as long as in ZINC."""

    def __init__(self, step: Step, lengths: Tensor):
        """Wrap a recurrence; `lengths` counts each string's end mark."""
        self.step, self.lengths = step, lengths

    def __call__(self, token: Tensor, at: int) -> Tensor:
        """Take a step; the end mark is certain at its place and impossible before."""
        logits = self.step(token, at)
        logits[:, EOS] = torch.where(self.lengths == at + 1, torch.inf, -torch.inf)
        return logits

    def keep(self, rows: Tensor) -> None:
        """Keep some rows."""
        self.step.keep(rows)
        self.lengths = self.lengths[rows]


class MosesWeights:
    """The decoder of MOSES' VAE with its ids in our order: four marks first."""

    def __init__(self, model: MosesVAE):
        """Reorder embedding and output."""
        vocab, self.model = model.vocab, model
        order = [vocab.pad, vocab.bos, vocab.eos, vocab.unk, *range(len(vocab.characters))]
        self.embed = model.embed.weight[order].detach()
        self.to_logits = nn.Linear(model.settings.decoder, len(vocab)).requires_grad_(False)
        self.to_logits.weight.copy_(model.to_logits.weight[order])
        self.to_logits.bias.copy_(model.to_logits.bias[order])

    def ours(self, z: Tensor, lengths: Tensor, *, int8: bool) -> Tensor:
        """Write with our writer."""
        found = []
        for part, ends in zip(z.split(BATCH), lengths.split(BATCH), strict=True):
            start = self.model.first_state(part)
            step = Step(self.model.decoder, self.embed, self.to_logits, start, part[:, None], int8=int8)
            found.append(write(Ending(step, ends), torch.arange(len(part)), int(lengths.max())))
        return torch.cat(found)

    def plain(self, z: Tensor, lengths: Tensor) -> Tensor:
        """Write with a plain loop over `nn.GRU`: every row takes every step until the last has ended."""
        found = []
        for part, ends in zip(z.split(BATCH), lengths.split(BATCH), strict=True):
            state = self.model.first_state(part)
            token = torch.full((len(part),), BOS)
            ids = torch.full((len(part), int(lengths.max())), PAD)
            for at in range(int(ends.max())):
                fed = torch.cat([self.embed[token], part], dim=-1)[:, None]
                out, state = self.model.decoder(fed, state)
                logits = self.to_logits(out[:, 0])
                logits[:, list(NEVER)] = -torch.inf
                logits[:, EOS] = torch.where(ends == at + 1, torch.inf, -torch.inf)
                token = logits.argmax(dim=-1)
                ids[:, at] = torch.where(at < ends, token, PAD)
            found.append(ids)
        return torch.cat(found)

    def theirs(self, z: Tensor) -> None:
        """Write with MOSES' own loop, at its own batch size."""
        for part in z.split(MosesSettings().batch_size):
            self.model.sample(part)


def plain_loop(codec: Codec, z: Tensor) -> Tensor:
    """Write with a bundle's decoder as MOSES' loop would: every row takes every step to the length cap."""
    decoder = codec.vae.decoder
    memory, state = decoder.read(z, decoder.length), decoder.start(z)
    token, ids = torch.full((len(z),), BOS), torch.full((len(z), decoder.length), PAD)
    ended = torch.zeros(len(z), dtype=torch.bool)
    for at in range(decoder.length):
        fed = torch.cat([decoder.embed(token), memory[:, at]], dim=-1)[:, None]
        out, state = decoder.gru(fed, state)
        logits = decoder.to_logits(out[:, 0])
        logits[:, list(NEVER)] = -torch.inf
        token = logits.argmax(dim=-1)
        ids[:, at] = torch.where(ended, PAD, token)
        ended |= token == EOS
    return ids


def timed(sides: dict[str, Callable[[], Any]], n: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Let everybody decode in turn; return molecules a core-second per round, and what each wrote at last."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    wrote = {}
    for at in range(rounds + 1):  # the first is a warm-up
        for name, side in sides.items():
            began = time.process_time()
            wrote[name] = side()
            if at:
                rates[name].append(n / (time.process_time() - began))
            print(f"{name}: {n / (time.process_time() - began):.0f} a second", flush=True)
    return rates, wrote


def share_equal(a: Tensor, b: Tensor) -> float:
    """Return the share of strings that are the same."""
    return round(float((a == b).all(dim=1).float().mean()), 4)


def of_moses(smiles: list[str], n: int, rounds: int, chance: torch.Generator) -> dict[str, Any]:
    """Return the figures over the weights of MOSES' shape."""
    weights = MosesWeights(MosesVAE(Characters.of(smiles)).eval().requires_grad_(False))
    z = torch.randn(n, MosesSettings().latent, generator=chance)
    chosen = np.random.default_rng(0).choice(len(smiles), n)
    lengths = torch.tensor([min(len(smiles[i]) + 1, MosesSettings().max_length - 1) for i in chosen])
    chemical = ChemicalVAE("".join(sorted({PADDING}.union(*smiles)))).eval().requires_grad_(False)
    rates, wrote = timed(
        {
            "moses": lambda: weights.theirs(z),
            "chemical_vae": lambda: chemical.sample(torch.randn(n, chemical.settings.latent, generator=chance)),
            "plain": lambda: weights.plain(z, lengths),
            "ours": lambda: weights.ours(z, lengths, int8=False),
            "ours_int8": lambda: weights.ours(z, lengths, int8=True),
        },
        n,
        rounds,
    )
    return {
        "n": n,
        "mean_length": round(float(lengths.float().mean()), 1),
        "molecules_per_core_second": {name: spread(values) for name, values in rates.items()},
        "ratio_to_moses": {name: ratio(rates[name], rates["moses"]) for name in ("ours", "ours_int8")},
        "ratio_to_plain": {name: ratio(rates[name], rates["plain"]) for name in ("ours", "ours_int8")},
        "ours_same_as_plain": share_equal(wrote["ours"], wrote["plain"]),
    }


def of_bundle(test: list[str], rounds: int) -> dict[str, Any]:
    """Return the figures over the bundled model, from the means of held-out molecules."""
    codec = Codec(read_bundle(BUNDLES / "zinc250k"), "cpu")
    z = torch.from_numpy(codec.encode(test))
    z = z[z.isfinite().all(dim=1)]
    decoder, parts = codec.vae.decoder, z.split(BATCH)
    rates, wrote = timed(
        {
            "plain": lambda: torch.cat([plain_loop(codec, part) for part in parts]),
            "ours": lambda: torch.cat([decoder.sample(part) for part in parts]),
            "ours_int8": lambda: torch.cat([decoder.sample(part, int8=True) for part in parts]),
            "ours_by_rules": lambda: torch.cat([decoder.sample(part, rules=codec.rules) for part in parts]),
        },
        len(z),
        rounds,
    )
    return {
        "n": len(z),
        "weights_sha256": sha256(BUNDLES / "zinc250k" / WEIGHTS),
        "molecules_per_core_second": {name: spread(values) for name, values in rates.items()},
        "ratio_to_plain": {name: ratio(rates[name], rates["plain"]) for name in rates if name != "plain"},
        "rules_to_ours": ratio(rates["ours_by_rules"], rates["ours"]),
        "rules_same_as_ours": share_equal(wrote["ours_by_rules"][:, : decoder.length], wrote["ours"]),
        "ours_same_as_plain": share_equal(wrote["ours"], wrote["plain"]),
        "int8_same_as_float": share_equal(wrote["ours_int8"], wrote["ours"]),
    }


def main() -> None:
    """Measure and write the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--train", type=Path, required=True, help="SMILES for alphabet and lengths, e.g. train.txt.gz")
    asked.add_argument("--test", type=Path, required=True, help="held-out SMILES to decode with the bundle")
    asked.add_argument("-n", type=int, default=1_024, help="strings a round over MOSES' weights")
    asked.add_argument("--held-out", type=int, default=5_000, help="molecules a round over the bundled model")
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    steady()
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    chance = torch.Generator().manual_seed(0)
    moses = of_moses(read_lines(given.train), given.n, given.rounds, chance)
    bundle = of_bundle(read_lines(given.test)[: given.held_out], given.rounds)
    protocol = (
        f"{given.rounds} rounds after a warm-up, everybody in turn; molecules a second of CPU time on one thread; "
        "greedy, but for MOSES' loop, which draws, and takes every step to its cap of 100. Over MOSES' weights, which "
        "are untrained here, a string ends where one of the training molecules does; what eight bits change is told of "
        "the bundled model"
    )
    write_json(RESULT, {"protocol": protocol, "moses_weights": moses, "bundled_model": bundle, **describe()})


if __name__ == "__main__":
    main()
