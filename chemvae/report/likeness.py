"""How like a set of molecules the samples are: MOSES' figures, each against the set that it names."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.alerts import passes
from chemvae.chem.frechet import frechet_distance
from chemvae.chem.metrics import cosine, diversity, fragments, prints, scaffolds, to_nearest
from chemvae.io.progress import watch
from chemvae.nn.chemnet import ChemNet, activations, read_chemnet, weights_path
from chemvae.report.merit import Merit, average, share

GET_FCD = "pip install 'chemvae[fcd]' brings ChemNet's weights"
FEW = 10_000  # FCD of fewer molecules comes out too large


def likeness(
    made: Sequence[str], data: Sequence[str], cited: str, *, mcf: Sequence[str] = (), jobs: int = 1, quiet: bool = True
) -> list[Merit]:
    """Measure valid samples as MOSES does; repetitions count, as they do there.

    Args:
        made: canonical SMILES of the valid samples.
        data: canonical SMILES of the molecules that they should be like.
        cited: where these come from, in words.
        mcf: the medicinal chemistry filters as SMARTS; none leaves them out of Filters, which then says so.
        jobs: processes.
        quiet: show no bar while ChemNet works.
    """
    bits = prints(made, jobs)
    return [
        fcd(made, data, cited, quiet=quiet),
        average("snn", to_nearest(bits, prints(data, jobs)), SNN.format(cited=cited)),
        _counted("frag", cosine(fragments(made, jobs), fragments(data, jobs)), len(made), FRAG.format(cited=cited)),
        _counted("scaf", cosine(scaffolds(made, jobs), scaffolds(data, jobs)), len(made), SCAF.format(cited=cited)),
        _counted("int_div", _mean(diversity(bits)), len(made), INT_DIV),
        _counted("int_div2", _mean(diversity(bits, 2)), len(made), INT_DIV2),
        _filters(made, data, mcf, jobs),
    ]


def fcd(made: Sequence[str], data: Sequence[str], cited: str, *, quiet: bool = True) -> Merit:
    """Return the Fréchet ChemNet distance, or NaN with the reason."""
    path = weights_path()
    protocol = (
        f"Fréchet distance between ChemNet's last hidden layer over the valid samples and over {cited}; 0 is the "
        f"same, and fewer than {FEW:,} molecules on either side make it larger"
    )
    if path is None:
        return _counted("fcd", math.nan, 0, f"not measured: {GET_FCD}")
    if min(len(made), len(data)) < 2:  # noqa: PLR2004 (one molecule has no spread)
        few = f"not measured: it takes 2 molecules on either side, and there are {len(made)} and {len(data)}"
        return _counted("fcd", math.nan, len(made), few)
    net = read_chemnet(path, "cuda" if torch.cuda.is_available() else "cpu")
    value = frechet_distance(_seen(net, made, quiet), _seen(net, data, quiet))
    return _counted("fcd", value, len(made), protocol)


SNN = (
    "mean Tanimoto similarity (Morgan, radius 2, 1,024 bits) of each valid sample to the most similar molecule of "
    "{cited}"
)
FRAG = "cosine between how often each BRICS fragment comes up in the valid samples and in {cited}"
SCAF = (
    "cosine between how often each Bemis-Murcko scaffold of two rings or more comes up in the valid samples and in "
    "{cited}"
)
INT_DIV = (
    "1 minus the mean Tanimoto similarity (Morgan, radius 2, 1,024 bits) of all pairs of valid samples, each with "
    "itself included"
)
INT_DIV2 = "as int_div, of the root mean square similarity of each sample"
FILTERS = (
    "share of the valid samples without charges, elements other than H C N O F S Cl Br, rings of more than 7 atoms, "
    "PAINS (RDKit's patterns) and {mcf}; of the data themselves {ours:.1%} pass"
)


def _filters(made: Sequence[str], data: Sequence[str], mcf: Sequence[str], jobs: int) -> Merit:
    """Return how many samples pass, beside how many of the data do."""
    kept = int(passes(made, mcf, jobs).sum())
    named = f"the {len(mcf)} medicinal chemistry filters given" if mcf else NO_MCF
    return share("filters", kept, len(made), FILTERS.format(mcf=named, ours=float(passes(data, mcf, jobs).mean())))


NO_MCF = "not looking for MOSES' medicinal chemistry filters, whose mcf.csv --filters takes"


def _seen(net: ChemNet, smiles: Sequence[str], quiet: bool) -> Float[ndarray, "n features"]:
    """Return ChemNet's activations, and show how far it is."""
    parts = watch(activations(net, smiles), len(smiles), "molecules seen by ChemNet", size=len, quiet=quiet)
    return np.concatenate(list(parts))


def _counted(name: str, value: float, n: int, protocol: str) -> Merit:
    """Return a figure that has no simple interval."""
    return Merit(name=name, value=value, n=n, protocol=protocol)


def _mean(values: Float[ndarray, " n"]) -> float:
    """Return the mean, NaN of nothing."""
    return float(values.mean()) if len(values) else math.nan
