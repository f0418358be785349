"""Known faults of the 2016-2018 codes and their heirs: each was somebody's wasted month, each has a test.

The others stand beside the code that mends them:
noise drawn once for a whole training - `training/test_fit.py::test_the_noise_is_fresh_at_every_step`;
temperature that does nothing - `nn/test_decoder.py::test_temperature_scales_the_logits`;
neighbour noise divided by the norm of the batch - `test_latent.py::test_noise_is_as_large_as_asked...`;
unstandardised targets - `nn/test_head.py::test_the_scale_of_a_label_does_not_change_its_weight`;
KL and cross-entropy averaged over different axes - `nn/test_objectives.py::test_terms_are_sums...`;
a score stored at a z that decoded to something else - `search/test_optimizer.py::test_a_value_stands_where...`;
the best points forgotten by the optimiser - `search/test_bayes.py::test_the_best_are_never_dropped_from_the_fit`.
"""

from pathlib import Path

import numpy as np

from chemvae.chem.splits import random as random_split
from chemvae.chem.tokens import Tokenizer, atoms
from chemvae.evaluate import evaluate
from chemvae.model import load


def test_a_subset_is_the_seeds_whatever_was_drawn_before(tiny_bundle: Path, small_molecules: list[str]) -> None:
    """The 2018 code drew its 5,000 molecules first and seeded the generator afterwards."""
    chosen = []
    for disturbance in (1, 2):
        np.random.seed(disturbance)  # noqa: NPY002 - the global generator, moved on purpose
        np.random.rand(disturbance * 100)  # noqa: NPY002
        found = evaluate(load(tiny_bundle), small_molecules, n_reconstruct=9, n_sample=5, seed=3, progress=False)
        chosen.append((found.reconstructed["smiles"].tolist(), found.samples["text"].tolist()))
        chosen[-1] += (random_split(50, (0.8, 0.1, 0.1), 3).tolist(),)
    assert chosen[0] == chosen[1]


def test_two_letter_elements_are_one_token() -> None:
    assert atoms("ClCBr") == ["Cl", "C", "Br"]
    assert atoms("c1cc[nH]c1%12") == ["c", "1", "c", "c", "[nH]", "c", "1", "%12"]
    assert "l" not in Tokenizer.fit("atoms", ["CCl", "c1ccccc1Br"]).tokens
