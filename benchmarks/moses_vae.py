"""MOSES' VAE, re-created, at a budget of computing that ours is given too: reconstruction, samples, use of z."""

import argparse
import gzip
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.machine import steady
from benchmarks.peers.moses import Characters, MosesSettings, MosesVAE, collate, train_step
from chemvae.chem.judge import canonical, judge
from chemvae.chem.metrics import novelty, uniqueness, valid_smiles, validity
from chemvae.io.atomic import read_json, sha256, write_json
from chemvae.molecule import Molecule
from chemvae.report.likeness import fcd

RESULT = Path(__file__).resolve().parent / "results" / "moses_vae.json"
STAGES = 100
"""KL weights of their hundred epochs: here a hundredth of the budget each."""
MAX_LENGTH = 128
"""characters a string may be written to: theirs stops at 100, which some molecules of ZINC250k exceed"""
ACTIVE = 0.01
"""A latent dimension is active if the variance of its posterior mean over molecules exceeds this."""
CHUNK = 500


def read_lines(path: Path) -> list[str]:
    """Return the SMILES of a file, one a line, gzipped or not."""
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    return [line.split()[0] for line in text.decode().splitlines() if line.strip()]


class Run:
    """A training that can be killed at any moment; its budget is counted in core-seconds of this process."""

    def __init__(self, folder: Path, strings: list[str], budget: float, seed: int):
        """Begin, or go on from `last.pt`."""
        self.folder, self.strings, self.budget, self.seed = folder, strings, budget, seed
        self.vocab = Characters.of(strings)
        torch.manual_seed(seed)
        self.model = MosesVAE(self.vocab)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=self.model.settings.learning_rate)
        self.step, self.seen, self.spent, self.log = 0, 0, 0.0, list[dict[str, float]]()
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "characters.json", self.vocab.characters)
        if (folder / "last.pt").is_file():
            self.take_back(torch.load(folder / "last.pt", weights_only=True))

    def take_back(self, kept: dict[str, Any]) -> None:
        """Go on where a checkpoint stood."""
        if (kept["budget"], kept["seed"]) != (self.budget, self.seed):
            raise SystemExit(f"Expected budget and seed of {self.folder}, but got others. Name another folder.")
        self.model.load_state_dict(kept["model"])
        self.adam.load_state_dict(kept["adam"])
        torch.set_rng_state(kept["chance"])
        self.step, self.seen, self.spent, self.log = (kept[name] for name in ("step", "seen", "spent", "log"))

    def save(self, name: str) -> None:
        """Write a checkpoint, whole or not at all."""
        kept = {name: getattr(self, name) for name in ("step", "seen", "spent", "log", "budget", "seed")}
        kept |= {"model": self.model.state_dict(), "adam": self.adam.state_dict(), "chance": torch.get_rng_state()}
        torch.save(kept, self.folder / f"{name}.tmp")
        (self.folder / f"{name}.tmp").replace(self.folder / name)

    def batches(self) -> Iterator[list[str]]:
        """Yield batches from here on, epoch after epoch, each shuffled anew."""
        size = self.model.settings.batch_size
        per_epoch = math.ceil(len(self.strings) / size)
        while True:
            epoch, at = divmod(self.step, per_epoch)
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.strings))
            yield [self.strings[i] for i in order[at * size : (at + 1) * size]]

    def kl_weight(self) -> float:
        """Return their weight for this part of the budget: it rises by equal stages, as theirs by epochs."""
        return self.model.settings.kl_weight * math.floor(STAGES * min(1.0, self.spent / self.budget)) / STAGES

    def train(self, every: float, minutes: float) -> None:
        """Train until the budget is spent; keep the weights every so many core-seconds."""
        told = time.monotonic()
        for strings in self.batches():
            began, weight = time.process_time(), self.kl_weight()
            kl, reconstruction = train_step(self.model, self.adam, collate(self.vocab, strings), weight)
            before, self.spent = self.spent, self.spent + time.process_time() - began
            self.step, self.seen = self.step + 1, self.seen + len(strings)
            self.log.append({"spent": self.spent, "kl": kl, "per_character": reconstruction, "kl_weight": weight})
            if self.spent // every > before // every:
                self.save(f"at_{int(self.spent // every * every):05d}.pt")
            if self.spent >= self.budget:
                break
            if time.monotonic() - told > 60 * minutes:
                told = time.monotonic()
                self.save("last.pt")
                print(
                    f"step {self.step}, {self.spent:.0f} s, KL {kl:.3f}, per character {reconstruction:.4f}", flush=True
                )
        self.save("last.pt")
        self.save(f"at_{round(self.budget):05d}.pt")


@torch.no_grad()
def means(model: MosesVAE, smiles: list[str]) -> torch.Tensor:
    """Return the posterior's mean of each molecule, row for row."""
    found = torch.empty(len(smiles), model.settings.latent)
    order = sorted(range(len(smiles)), key=lambda i: -len(smiles[i]))
    for first in range(0, len(order), CHUNK):
        rows = order[first : first + CHUNK]
        found[rows] = model.posterior([model.vocab.encode(smiles[i]) for i in rows])[0]
    return found


def written(model: MosesVAE, z: torch.Tensor, temperature: float) -> list[str]:
    """Return the string of each point."""
    return [text for part in z.split(CHUNK) for text in model.sample(part, temperature, MAX_LENGTH)]


def figures(drawn: list[Molecule], known: set[str], exact: list[bool], z: torch.Tensor) -> dict[str, dict[str, Any]]:
    """Return each figure with its sample size; the definitions are those of `chemvae evaluate`."""
    valid = valid_smiles(drawn)
    values: dict[str, tuple[float, int]] = {
        "exact_reconstruction": (float(np.mean(exact)), len(exact)),
        "validity": (validity(drawn), len(drawn)),
        "unique_at_1k": (uniqueness(valid, 1_000), min(1_000, len(valid))),
        "unique_at_10k": (uniqueness(valid[:10_000]), min(10_000, len(valid))),
        "novelty": (novelty(valid, known), len(set(valid))),
        "active_units": (float((z.var(dim=0) > ACTIVE).float().mean()), len(z)),
    }
    return {name: {"value": None if math.isnan(v) else round(v, 5), "n": n} for name, (v, n) in values.items()}


def measure(run: Path, checkpoint: Path, test: list[str], known: set[str], n: int) -> dict[str, Any]:
    """Measure the weights of a checkpoint, once; samples and figures are kept beside it."""
    beside = checkpoint.with_suffix(".json")
    if beside.is_file():
        return read_json(beside)
    kept = torch.load(checkpoint, weights_only=True)
    model = MosesVAE(Characters(json.loads((run / "characters.json").read_text())))
    model.load_state_dict(kept["model"])
    model.eval()
    torch.manual_seed(kept["seed"])
    texts = written(model, torch.randn(n, model.settings.latent), 1.0)
    checkpoint.with_suffix(".samples.txt").write_text("\n".join(texts) + "\n")
    z = means(model, test)
    truths = [str(canonical(text)) for text in test]
    back = judge(written(model, z, 0.0))
    exact = [molecule.smiles == truth for molecule, truth in zip(back, truths, strict=True)]
    drawn = judge(texts)
    distance = fcd(valid_smiles(drawn), truths, "the held-out molecules")
    recent = kept["log"][-20:]
    found = {
        "core_seconds": round(kept["spent"]),
        "molecules_seen": kept["seen"],
        "steps": kept["step"],
        "per_character": round(float(np.mean([entry["per_character"] for entry in recent])), 4),
        "kl": round(float(np.mean([entry["kl"] for entry in recent])), 3),
        "figures": figures(drawn, known, exact, z) | {"fcd": {k: distance.as_dict()[k] for k in ("value", "n")}},
    }
    write_json(beside, found)
    return found


def main() -> None:
    """Train, then measure every checkpoint that was kept."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--train", type=Path, required=True, help="training molecules, e.g. train.txt.gz of JT-VAE's split"
    )
    asked.add_argument("--test", type=Path, required=True, help="held-out molecules, e.g. test.txt.gz of the same")
    asked.add_argument("--run", type=Path, required=True, help="folder of the checkpoints; a run there is gone on with")
    asked.add_argument("--budget", type=float, default=5_400, help="core-seconds of training, on one thread")
    asked.add_argument(
        "--every", type=float, default=900, help="core-seconds between the checkpoints that are measured"
    )
    asked.add_argument("--minutes", type=float, default=3, help="between checkpoints to go on from")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("-n", type=int, default=5_000, help="molecules to reconstruct")
    asked.add_argument("--samples", type=int, default=10_000)
    asked.add_argument("--measure", action="store_true", help="measure what there is, without training on")
    given = asked.parse_args()
    steady()
    strings = read_lines(given.train)
    if not given.measure:
        Run(given.run, strings, given.budget, given.seed).train(given.every, given.minutes)
    test = read_lines(given.test)[: given.n]
    known = {smiles for smiles in map(canonical, strings) if smiles is not None}
    curve = [measure(given.run, at, test, known, given.samples) for at in sorted(given.run.glob("at_*.pt"))]
    write_json(RESULT, result(given, curve))


def result(given: argparse.Namespace, curve: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is committed: settings, protocol, and the figures at every budget."""
    return {
        "what": "MOSES' VAE written anew from its published settings, trained on one core",
        "settings": asdict(MosesSettings()),
        "differs": {
            "kl_weight": f"linear from 0 in {STAGES} stages, as published, but over the budget instead of 100 epochs",
            "max_length": f"{MAX_LENGTH} characters instead of 100: some molecules are longer",
        },
        "protocol": {
            "exact_reconstruction": "canonical SMILES equal, greedy from the posterior's mean, held-out molecules",
            "validity": "samples of the prior, temperature 1, no filter; read by RDKit",
            "unique_at_10k": "share of distinct ones among the valid of the samples",
            "novelty": "share of distinct valid ones absent from the training molecules",
            "fcd": "Fréchet ChemNet distance of the valid samples to the held-out molecules; more of few samples",
            "active_units": "share of latent dimensions with Var(mean) > .01 over the held-out molecules",
            "core_seconds": "CPU time of the process over the training steps, one thread",
        },
        "data": {"train": given.train.name, "train_sha256": sha256(given.train), "test": given.test.name}
        | {"test_sha256": sha256(given.test)},
        "seed": given.seed,
        "budget": given.budget,
        "curve": curve,
        "versions": {"rdkit": version("rdkit"), "torch": version("torch")},
    }


if __name__ == "__main__":
    main()
