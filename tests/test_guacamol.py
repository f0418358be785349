"""Both kinds of generator answer as GuacaMol's benchmarks ask, without guacamol."""

from pathlib import Path

import pytest

from chemvae.chem.judge import canonical
from chemvae.errors import InputError
from chemvae.guacamol import DistributionMatchingGenerator, GoalDirectedGenerator
from chemvae.model import MoleculeModel, load


class Heteroatoms:
    """Scores as a scoring function of GuacaMol does, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score_list(self, smiles_list: list[str]) -> list[float]:
        self.asked += smiles_list
        return [float(sum(text.count(letter) for letter in "NO")) for text in smiles_list]


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> MoleculeModel:
    return load(tiny_bundle)


def test_samples_are_as_many_as_asked_and_new_at_each_call(model: MoleculeModel) -> None:
    one, other = DistributionMatchingGenerator(model, seed=4), DistributionMatchingGenerator(model, seed=4)
    first, second = one.generate(40), one.generate(40)
    assert len(first) == len(second) == 40
    assert all(isinstance(text, str) for text in first)
    assert first != second
    assert [other.generate(40), other.generate(40)] == [first, second]


def test_the_best_of_what_was_scored_comes_back_best_first(model: MoleculeModel) -> None:
    scores = Heteroatoms()
    search = GoalDirectedGenerator(model, budget=40, method="random", seed=1)
    found = search.generate_optimized_molecules(scores, 5, ["OCCO", "CC"])
    assert len(scores.asked) == len(set(scores.asked)) <= 40
    assert scores.asked[:2] == ["OCCO", "CC"]
    assert len(found) == len({canonical(text) for text in found}) == 5
    assert "OCCO" in found
    values = scores.score_list(found)
    assert values == sorted(values, reverse=True)
    with pytest.raises(InputError, match="the budget of calls, but got 41"):
        search.generate_optimized_molecules(scores, 41)
