"""What is measured of a model: strings and arrays in, figures of merit out, each with the protocol in words."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.latent import Encoded
from chemvae.molecule import Molecule
from chemvae.report.merit import Merit, average, share

ACTIVE = 0.01  # a dimension whose posterior mean varies more than this over the data is in use (Burda et al., 2016)
UNIQUE_AT = {1_000: "1k", 10_000: "10k"}  # MOSES' unique@1k and unique@10k


def reconstruction(smiles: Sequence[str], decoded: Sequence[Molecule]) -> Merit:
    """Compare each molecule with the greedy decode of its posterior mean."""
    hits = sum(molecule.smiles == given for given, molecule in zip(smiles, decoded, strict=True))
    protocol = (
        "share of molecules whose canonical isomeric SMILES comes back exactly, encoded to the posterior mean and "
        "decoded greedily; one that the model cannot encode counts as a miss"
    )
    return share("exact_reconstruction", hits, len(smiles), protocol)


def of_samples(drawn: Sequence[Molecule], known: Collection[str], cited: str) -> list[Merit]:
    """Measure samples of the prior, each figure defined as in MOSES.

    Args:
        drawn: the samples, valid or not.
        known: canonical SMILES that are not novel.
        cited: where these come from, in words.
    """
    valid = [molecule.smiles for molecule in drawn if molecule.smiles is not None]
    distinct, n = set(valid), len(drawn)
    how = f"{n:,} samples of the prior N(0, I), decoded at temperature 1"
    merits = [share("validity", len(valid), n, f"share of {how}, that RDKit reads; no filter, no second try")]
    for k in [k for k in UNIQUE_AT if k <= n] or [n]:
        first = valid[:k]
        said = f"share of distinct ones among the first {k:,} valid (or all, if fewer) of {how}"
        merits.append(share(f"unique_at_{UNIQUE_AT.get(k, k)}", len(set(first)), len(first), said))
    absent = len(distinct.difference(known))
    novelty = f"share of the distinct valid ones of {how}, that are absent from {cited}"
    return [*merits, share("novelty", absent, len(distinct), novelty)]


def use_of_latent(encoded: Encoded) -> list[Merit]:
    """Measure how much of latent space the posteriors use."""
    fine = np.isfinite(encoded.mean).all(axis=1)
    mean, std = encoded.mean[fine].astype(np.float64), encoded.std[fine].astype(np.float64)
    nats = 0.5 * (mean**2 + std**2 - 1.0 - 2.0 * np.log(std)).sum(axis=1)
    latent = encoded.mean.shape[1]
    active = int((mean.var(axis=0) > ACTIVE).sum()) if len(mean) else 0
    varied = (
        f"share of latent dimensions whose posterior mean varies by more than {ACTIVE} over {len(mean):,} molecules"
    )
    return [
        Merit(name="active_units", value=active / latent, n=latent, protocol=varied),
        average("kl", nats, "KL(q(z|x) || N(0, I)) in nats, summed over dimensions, mean over molecules"),
    ]


def errors(predicted: pd.DataFrame, truths: Mapping[str, Float[ndarray, " n"]]) -> list[Merit]:
    """Compare predictions with true values, property by property; a missing value on either side is left out."""
    protocol = "mean absolute error of {} predicted from the posterior mean, in its own unit"
    return [
        average(f"mae_{name}", np.abs(predicted[name].to_numpy(np.float64) - truth), protocol.format(name))
        for name, truth in truths.items()
    ]
