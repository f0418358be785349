"""A parabola as a latent space: a "molecule" is a point of a grid; chemvae is imported in fixtures only."""

import numpy as np
import pytest
from scipy.sparse import csr_array

LATENT = 4
TOP = np.array([1.5, -1.0, 0.5, 0.0])


def read(texts):
    return np.array([[float(part) for part in text.split(",")] for text in texts]).reshape(len(texts), LATENT)


def height(texts):
    """Return how high the parabola is at each point; 0 at its top."""
    return [-float(((row - TOP) ** 2).sum()) for row in read(texts)]


@pytest.fixture
def space():
    import torch

    from chemvae.molecule import Molecule, Verdict
    from chemvae.search.space import Edits, Space

    def write(z):
        texts = [",".join(f"{x:.1f}" for x in row + 0.0) for row in z]
        return [
            Molecule(text, None, Verdict.UNPARSABLE, "left of -3")
            if row[0] < -3
            else Molecule(text, text, Verdict.VALID)
            for text, row in zip(texts, z, strict=True)
        ]

    def changed(text, rng):
        row = read([text])
        row[0, rng.integers(LATENT)] += rng.choice([-0.2, -0.1, 0.1, 0.2])
        return write(row)[0].smiles

    def crossed(one, other, rng):
        return write(np.where(rng.integers(2, size=LATENT), read([one]), read([other])))[0].smiles

    def counted(texts):
        """Return how many steps each coordinate lies above and below -5, which makes near points alike."""
        steps = np.clip(np.rint(10 * read(texts)) + 50, 0, 100)
        return csr_array(np.concatenate([steps, 100 - steps], axis=1).astype(np.int32))

    return Space(
        latent=LATENT,
        write=write,
        read=read,
        draw=lambda n, rng: rng.standard_normal((n, LATENT)),
        slope=lambda z: -(z - torch.as_tensor(TOP, dtype=z.dtype)).square().sum(dim=1),
        edits=Edits(mutate=changed, cross=crossed),
        describe=counted,
    )


@pytest.fixture
def parabola():
    """The objective as an oracle's score."""
    from chemvae.search.objective import Objective

    objective = Objective(height)
    return lambda texts: objective.score(texts, lambda _: {})
