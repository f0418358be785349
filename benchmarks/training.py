"""Training speed: our trainer and plain re-creations of two peers on the same molecules, in turn, on one thread."""

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch

from benchmarks.machine import describe, gemm_rate, ratio, spread, steady
from benchmarks.moses_vae import read_lines
from benchmarks.peers.chemical import PADDING, ChemicalSettings, ChemicalVAE
from benchmarks.peers.chemical import train_step as chemical_step
from benchmarks.peers.moses import Characters, MosesSettings, MosesVAE, collate
from benchmarks.peers.moses import train_step as moses_step
from chemvae.chem.tokens import Scheme, Tokenizer
from chemvae.config import Recipe
from chemvae.io.atomic import read_json, write_json
from chemvae.io.prepared import PreparedData
from chemvae.nn.build import seeded
from chemvae.nn.decoder import GRUDecoder
from chemvae.nn.parts import EOS
from chemvae.training.batches import Batch, LengthBuckets
from chemvae.training.fit import quiet
from chemvae.training.task import VAETask

RESULT = Path(__file__).resolve().parent / "results" / "training.json"
MOSES, CHEMICAL = MosesSettings(), ChemicalSettings()
WINDOWS = 3
"""Batches a round: molecules of three stretches of the lengths, so that a round is like the whole set."""

SHAPES: dict[str, dict[str, Any]] = {
    "moses": {
        "latent": MOSES.latent,
        "encoder": {"embed": 32, "channels": [96, 160, 256], "kernels": [5, 5, 5], "strides": [1, 2, 2]},
        "decoder": {"embed": 30, "width": MOSES.decoder, "layers": MOSES.layers, "injection": "every-step"},
        "head": False,
    },
    "chemical_vae": {
        "latent": CHEMICAL.latent,
        "encoder": {
            "embed": 0,
            "channels": CHEMICAL.channels,
            "kernels": CHEMICAL.kernels,
            "strides": [1, 1, 1],
            "hidden": [CHEMICAL.latent],
            "activation": "tanh",
            "batch_norm": True,
            "pool": False,
        },
        "decoder": {"embed": 35, "width": CHEMICAL.decoder, "layers": CHEMICAL.layers, "injection": "every-step"},
        "head": False,
    },
}
PROTOCOL = (
    f"rounds after a warm-up, everybody in turn on the same {WINDOWS} batches of molecules drawn anew for each round; "
    "molecules a second of CPU time on one thread, without validation; memory kept by the process, or given back to "
    "the kernel as the C library does by default, on every side alike. Ours has a convolutional encoder in both "
    "shapes, and the decoder's widths, layers and z of the peer"
)
BATCH = {"moses": MOSES.batch_size, "chemical_vae": CHEMICAL.batch_size}


def prepared(folder: Path, scheme: Scheme, smiles: list[str]) -> PreparedData:
    """Write a table as `chemvae data prepare` does, without properties."""
    folder.mkdir()
    tokenizer = Tokenizer.fit(scheme, smiles)
    strings = [np.array([*tokenizer.encode(text), EOS], dtype=np.uint16) for text in smiles]
    np.save(folder / "tokens.npy", np.concatenate(strings))
    np.save(folder / "offsets.npy", np.cumsum([0, *map(len, strings)], dtype=np.int64))
    np.save(folder / "targets.npy", np.zeros((len(smiles), 0), dtype=np.float32))
    np.save(folder / "split.npy", np.zeros(len(smiles), dtype=np.uint8))
    write_json(folder / "tokenizer.json", tokenizer.to_dict())
    length = max(map(len, strings))
    write_json(folder / "manifest.json", {"format_version": 1, "length": length, "targets": [], "counts": {}})
    return PreparedData(folder)


class Stopwatch(LengthBuckets):
    """Batches that count the seconds for which training waited for them."""

    waited = 0.0

    def __iter__(self) -> Iterator[Batch]:
        """Yield what there is, timed."""
        batches = super().__iter__()
        while True:
            began = time.process_time()
            batch = next(batches, None)
            self.waited += time.process_time() - began
            if batch is None:
                return
            yield batch


class Clock(pl.Callback):
    """CPU seconds from the first batch of a training to its last."""

    seconds = 0.0

    def on_train_epoch_start(self, *_: Any) -> None:
        """Begin to count."""
        self.seconds = -time.process_time()

    def on_train_epoch_end(self, *_: Any) -> None:
        """End counting."""
        self.seconds += time.process_time()


class Ours:
    """Our trainer on one shape and one way of cutting strings."""

    def __init__(self, shape: str, data: PreparedData):
        """Build the model."""
        self.recipe = Recipe.model_validate({"model": SHAPES[shape], "train": {"epochs": 1}})
        self.data, self.size = data, BATCH[shape]
        self.vae = seeded(self.recipe.model, data.vocab, data.length, {}, seed=0)
        self.waited: list[float] = []

    def __call__(self, rows: list[int]) -> float:
        """Train on some rows; return the CPU seconds."""
        batches = Stopwatch(self.data, np.array(rows), self.size, 0, pad_to_cap=False)
        clock = Clock()
        trainer = pl.Trainer(
            max_epochs=1,
            accelerator="cpu",
            callbacks=[clock],
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=False,
            limit_val_batches=0,
            gradient_clip_val=self.recipe.train.clip,
            use_distributed_sampler=False,
        )
        trainer.fit(VAETask(self.vae.train(), self.recipe, len(batches)), batches)
        self.waited.append(batches.waited / clock.seconds)
        return clock.seconds


class Peer:
    """A peer's training on strings, in batches as they come."""

    def __init__(self, size: int, step: Callable[[list[str]], Any], smiles: list[str]):
        """Store how to take a step."""
        self.size, self.step, self.smiles = size, step, smiles

    def __call__(self, rows: list[int]) -> float:
        """Train on some rows; return the CPU seconds."""
        began = time.process_time()
        for first in range(0, len(rows), self.size):
            self.step([self.smiles[i] for i in rows[first : first + self.size]])
        return time.process_time() - began


def moses_peer(smiles: list[str]) -> Peer:
    """Return MOSES' training."""
    vocab = Characters.of(smiles)
    model = MosesVAE(vocab)
    adam = torch.optim.Adam(model.parameters(), lr=MOSES.learning_rate)
    return Peer(MOSES.batch_size, lambda strings: moses_step(model, adam, collate(vocab, strings), 0.01), smiles)


def chemical_peer(smiles: list[str]) -> Peer:
    """Return the chemical VAE's training."""
    model = ChemicalVAE("".join(sorted({PADDING}.union(*smiles))))
    adam = torch.optim.Adam(model.parameters(), lr=CHEMICAL.learning_rate, betas=(CHEMICAL.beta1, 0.999))
    return Peer(CHEMICAL.batch_size, lambda strings: chemical_step(model, adam, strings, 1.0), smiles)


def windows(lengths: list[int], size: int, rng: np.random.Generator) -> list[int]:
    """Return the rows of a round: batches from equally spaced places of the lengths, in random order."""
    order = np.argsort(np.array(lengths) + rng.random(len(lengths)), kind="stable")
    starts = [int((i + 0.5) / WINDOWS * len(order)) - size // 2 for i in range(WINDOWS)]
    return rng.permutation(np.concatenate([order[at : at + size] for at in starts])).tolist()


def gru_rate(decoder: GRUDecoder, tokens: int, size: int) -> float:
    """Return the GFLOP/s that training reaches in the recurrence and the logits, on a batch of full rows."""
    x, z = torch.randint(4, decoder.vocab, (size, tokens)), torch.randn(size, decoder.latent)
    gru, best = decoder.gru, float("inf")
    inward = [gru.input_size, *[gru.hidden_size] * (gru.num_layers - 1)]
    multiplied = sum(3 * gru.hidden_size * (n + gru.hidden_size) for n in inward) + gru.hidden_size * decoder.vocab
    for _ in range(3):
        decoder.zero_grad()
        began = time.process_time()
        decoder.nll(z, x).sum().backward()
        best = min(best, time.process_time() - began)
    return 3 * 2 * multiplied * size * tokens / best / 1e9  # forward, and back to inputs and to weights


def measure(smiles: list[str], rounds: int, seed: int) -> dict[str, Any]:
    """Let everybody train in turn; return molecules a core-second, ratios, and where the time goes."""
    rng = np.random.default_rng(seed)
    lengths = [len(text) for text in smiles]
    rates: dict[str, dict[str, list[float]]] = {"moses": {}, "chemical_vae": {}}
    with tempfile.TemporaryDirectory() as folder:
        tables = {scheme: prepared(Path(folder) / scheme, scheme, smiles) for scheme in ("characters", "atoms")}
        sides: dict[str, dict[str, Any]] = {
            shape: {"peer": peer(smiles), **{scheme: Ours(shape, tables[scheme]) for scheme in tables}}
            for shape, peer in (("moses", moses_peer), ("chemical_vae", chemical_peer))
        }
        for at in range(rounds + 1):  # the first is a warm-up
            for shape, beside in sides.items():
                rows = windows(lengths, BATCH[shape], rng)
                for name, side in beside.items():
                    seconds = side(rows if at else rows[: BATCH[shape]])
                    if at:
                        rates[shape].setdefault(name, []).append(len(rows) / seconds)
                    print(
                        f"{shape}, {name}: {len(rows if at else rows[: BATCH[shape]]) / seconds:.1f} a second",
                        flush=True,
                    )
        waited = max(
            max(side.waited[1:]) for beside in sides.values() for side in beside.values() if hasattr(side, "waited")
        )
        decoder = sides["moses"]["characters"].vae.decoder
        gemm, gru = gemm_rate(), gru_rate(decoder, 45, MOSES.batch_size)
    return {
        "molecules_per_core_second": {s: {n: spread(v) for n, v in of.items()} for s, of in rates.items()},
        "ratio_to_peer": {
            s: {n: ratio(v, of["peer"]) for n, v in of.items() if n != "peer"} for s, of in rates.items()
        },
        "waiting_for_data": round(waited, 5),
        "gemm_gflops": round(gemm, 1),
        "decoder_gflops": round(gru, 1),
        "decoder_of_gemm": round(gru / gemm, 3),
    }


def main() -> None:
    """Measure and write the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--train", type=Path, required=True, help="SMILES, one a line, e.g. train.txt.gz of JT-VAE's split"
    )
    asked.add_argument("-n", type=int, default=32_768, help="molecules that the rounds are drawn from")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--default-memory", action="store_true", help="let the C library give memory back, as it does")
    given = asked.parse_args()
    steady(keep_memory=not given.default_memory)
    quiet()
    warnings.simplefilter("ignore")  # Lightning's advice
    smiles = [text for text in read_lines(given.train)[: given.n] if len(text) < CHEMICAL.length]
    found = measure(smiles, given.rounds, given.seed)
    result = read_json(RESULT) if RESULT.is_file() else {}
    result |= {"protocol": PROTOCOL, "batch_size": BATCH, **describe()}
    kind = "memory_given_back" if given.default_memory else "memory_kept"
    write_json(RESULT, {**result, kind: {"molecules": len(smiles), "rounds": given.rounds, **found}})


if __name__ == "__main__":
    main()
