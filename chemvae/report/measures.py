"""What is measured of a model itself: strings and arrays in, figures of merit out, each with its protocol in words."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from numpy import ndarray
from sklearn.metrics import roc_auc_score

from chemvae.chem.metrics import valid_smiles
from chemvae.latent import Encoded
from chemvae.molecule import Molecule
from chemvae.report.merit import Z95, Merit, average, share, wilson

ACTIVE = 0.01  # a dimension whose posterior mean varies more than this over the data is in use (Burda et al., 2016)
UNIQUE_AT = {1_000: "1k", 10_000: "10k"}  # MOSES' unique@1k and unique@10k
LENGTHS = 10  # characters of SMILES that are one row of the table by length
YES_NO = {0.0, 1.0}
ENCODINGS, DECODINGS = 10, 100  # of each molecule in the protocol of the grammar VAE and JT-VAE


def reconstruction(smiles: Sequence[str], decoded: Sequence[Molecule], beam: int = 1) -> Merit:
    """Compare each molecule with what its posterior mean is decoded to, greedily or with a beam of some width."""
    hits = sum(molecule.smiles == given for given, molecule in zip(smiles, decoded, strict=True))
    how = "greedily" if beam == 1 else f"with a beam of {beam}"
    protocol = (
        "share of molecules whose canonical isomeric SMILES comes back exactly, encoded to the posterior mean and "
        f"decoded {how}; one that the model cannot encode counts as a miss"
    )
    return share("exact_reconstruction" if beam == 1 else "beam_reconstruction", hits, len(smiles), protocol)


def by_length(smiles: Sequence[str], decoded: Sequence[Molecule]) -> pd.DataFrame:
    """Return exact reconstruction by the length of the canonical SMILES: `shortest`, `longest`, share, interval, n."""
    rows = []
    lengths = np.array([len(text) for text in smiles], dtype=np.int64)
    same = np.array([molecule.smiles == text for text, molecule in zip(smiles, decoded, strict=True)], dtype=bool)
    for group in np.unique((lengths - 1) // LENGTHS):
        inside = (lengths - 1) // LENGTHS == group
        hits, n = int(same[inside].sum()), int(inside.sum())
        low, high = wilson(hits, n)
        rows.append((int(group) * LENGTHS + 1, (int(group) + 1) * LENGTHS, hits / n, low, high, n))
    return pd.DataFrame(rows, columns=["shortest", "longest", "exact_reconstruction", "low", "high", "n"])


def repeated(hits: Sequence[int]) -> Merit:
    """Return the share of stochastic decodes that are the molecule itself.

    Args:
        hits: of each molecule, how many of its 1,000 decodes.
    """
    protocol = (
        f"share of decodes equal to the molecule: {ENCODINGS} points drawn from each posterior, {DECODINGS} decodes of "
        "each at temperature 1; one that the model cannot encode counts as a miss"
    )
    found = average("stochastic_reconstruction", np.asarray(hits, dtype=float) / (ENCODINGS * DECODINGS), protocol)
    return replace(found, low=float(np.clip(found.low, 0.0, 1.0)), high=float(np.clip(found.high, 0.0, 1.0)))


def of_samples(
    drawn: Sequence[Molecule], known: Collection[str], cited: str, free: Sequence[Molecule] = ()
) -> list[Merit]:
    """Measure samples of the prior by themselves, each figure defined as in MOSES.

    Args:
        drawn: the samples, valid or not.
        known: canonical SMILES that are not novel.
        cited: where these come from, in words.
        free: samples that were written free of the rules under which the others were written; none if there are none.
    """
    valid = valid_smiles(drawn)
    distinct, n = set(valid), len(drawn)
    how = f"{n:,} samples of the model's prior, decoded at temperature 1"
    asked = "that RDKit reads; no filter, no second try"
    ruled = " under the rules of SMILES: no token that leaves a ring or a bond open for good" if free else ""
    merits = [share("validity", len(valid), n, f"share of {how}{ruled}, {asked}")]
    if free:
        how_free = how.replace(f"{n:,}", f"{len(free):,}")
        said = f"share of {how_free} with every token allowed at every step, {asked}"
        merits.append(share("validity_free", len(valid_smiles(free)), len(free), said))
    for k in [k for k in UNIQUE_AT if k <= n] or [n]:
        first = valid[:k]
        said = f"share of distinct ones among the first {k:,} valid (or all, if fewer) of {how}"
        merits.append(share(f"unique_at_{UNIQUE_AT.get(k, k)}", len(set(first)), len(first), said))
    absent = len(distinct.difference(known))
    novelty = f"share of the distinct valid ones of {how}, that are absent from {cited}"
    return [*merits, share("novelty", absent, len(distinct), novelty)]


def use_of_latent(encoded: Encoded) -> list[Merit]:
    """Measure how much of latent space the posteriors use."""
    nats = kl_of(encoded)
    fine = np.isfinite(encoded.mean).all(axis=1)
    mean, latent = encoded.mean[fine].astype(np.float64), encoded.mean.shape[1]
    active = int((mean.var(axis=0) > ACTIVE).sum()) if len(mean) else 0
    varied = (
        f"share of latent dimensions whose posterior mean varies by more than {ACTIVE} over {len(mean):,} molecules"
    )
    return [
        Merit(name="active_units", value=active / latent, n=latent, protocol=varied),
        average("kl", nats.sum(axis=1), "KL(q(z|x) || N(0, I)) in nats, summed over dimensions, mean over molecules"),
    ]


def kl_of(encoded: Encoded) -> Float[ndarray, "n latent"]:
    """Return KL(q(z|x) || N(0, 1)) of each molecule that could be encoded, in nats, dimension by dimension."""
    fine = np.isfinite(encoded.mean).all(axis=1)
    mean, std = encoded.mean[fine].astype(np.float64), encoded.std[fine].astype(np.float64)
    return 0.5 * (mean**2 + std**2 - 1.0 - 2.0 * np.log(std))


def errors(predicted: pd.DataFrame, truths: Mapping[str, Float[ndarray, " n"]]) -> list[Merit]:
    """Compare predictions with true values, property by property; a missing value on either side is left out.

    Where all true values are 0 or 1, and both are there, the prediction is a probability and is judged by its AUROC.
    """
    protocol = "mean absolute error of {} predicted from the posterior mean, in its own unit"
    merits = []
    for name, truth in truths.items():
        guess = predicted[name].to_numpy(np.float64)
        known = np.isfinite(guess) & np.isfinite(truth)
        if set(np.unique(truth[known])) == YES_NO:
            merits.append(auroc(name, guess[known], truth[known] == 1))
        else:
            merits.append(average(f"mae_{name}", np.abs(guess - truth), protocol.format(name)))
    return merits


def auroc(name: str, score: Float[ndarray, " n"], yes: Bool[ndarray, " n"]) -> Merit:
    """Return how often a yes scores higher than a no, a tie counting half, with the interval of Hanley and McNeil."""
    area = float(roc_auc_score(yes, score))
    n_yes, n_no = int(yes.sum()), int((~yes).sum())
    both_yes, both_no = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    variance = (area * (1 - area) + (n_yes - 1) * both_yes + (n_no - 1) * both_no) / (n_yes * n_no)
    half = Z95 * math.sqrt(max(variance, 0.0))
    return Merit(
        name=f"auroc_{name}",
        value=area,
        n=len(yes),
        protocol=f"area under the ROC curve of {name} predicted from the posterior mean: {n_yes:,} yes, {n_no:,} no",
        low=max(area - half, 0.0),
        high=min(area + half, 1.0),
    )
