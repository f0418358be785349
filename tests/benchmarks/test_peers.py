"""The re-created peers: what they write is what they learned, and our writer writes the same from their weights."""

import pytest
import torch

from benchmarks.decoding import MosesWeights
from benchmarks.moses_vae import Run
from benchmarks.peers.chemical import ChemicalSettings, ChemicalVAE
from benchmarks.peers.chemical import train_step as chemical_step
from benchmarks.peers.moses import Characters, MosesSettings, MosesVAE, collate, train_step

SMILES = ["CCO", "c1ccccc1", "CC(=O)N", "CBr"]


@pytest.fixture
def moses() -> MosesVAE:
    torch.manual_seed(0)
    vocab = Characters.of(SMILES)
    return MosesVAE(vocab, MosesSettings(encoder=32, decoder=48, layers=2, latent=8, max_length=12))


def test_moses_learns_four_molecules_by_heart(moses: MosesVAE) -> None:
    adam = torch.optim.Adam(moses.parameters(), lr=1e-2)
    x = collate(moses.vocab, SMILES)
    assert [len(row) for row in x] == sorted((len(row) for row in x), reverse=True)
    for _ in range(120):
        train_step(moses, adam, x, 0.0)
    with torch.no_grad():
        mean, _ = moses.posterior(x)
    assert moses.sample(mean, temperature=0.0) == [moses.vocab.decode(row.tolist()[1:]) for row in x]


def test_our_writer_writes_what_moses_weights_say(moses: MosesVAE) -> None:
    moses.requires_grad_(False)
    z, lengths = torch.randn(6, 8), torch.tensor([3, 9, 4, 9, 1, 7])
    weights = MosesWeights(moses)
    ours = weights.ours(z, lengths, int8=False)
    assert torch.equal(ours, weights.plain(z, lengths))
    assert (ours != 0).sum(dim=1).tolist() == lengths.tolist()


def test_a_run_goes_on_where_it_stood(tmp_path, monkeypatch) -> None:
    small = MosesSettings(encoder=8, decoder=8, layers=1, latent=4, batch_size=2)
    monkeypatch.setattr("benchmarks.moses_vae.MosesVAE", lambda vocab: MosesVAE(vocab, small))
    monkeypatch.setattr("benchmarks.moses_vae.time.process_time", iter(range(1000)).__next__)
    whole = Run(tmp_path / "whole", SMILES, budget=6.0, seed=0)
    whole.train(every=2.0, minutes=1e9)
    assert (whole.step, whole.seen) == (6, 12)
    assert sorted(at.name for at in (tmp_path / "whole").glob("at_*.pt")) == [
        "at_00002.pt",
        "at_00004.pt",
        "at_00006.pt",
    ]
    parted = Run(tmp_path / "parted", SMILES, budget=6.0, seed=0)
    parted.budget = 3.0
    parted.train(every=2.0, minutes=1e9)
    parted.budget = 6.0
    parted.save("last.pt")
    again = Run(tmp_path / "parted", SMILES, budget=6.0, seed=0)
    assert again.step == 3
    assert again.kl_weight() == pytest.approx(0.025)


def test_the_chemical_vae_learns_and_writes_its_length(monkeypatch) -> None:
    torch.manual_seed(0)
    settings = ChemicalSettings(length=12, channels=(4, 4), kernels=(3, 3), latent=8, decoder=24, layers=1, dropout=0.0)
    model = ChemicalVAE(" " + "".join(sorted(set("".join(SMILES)))), settings)
    adam = torch.optim.Adam(model.parameters(), lr=1e-2)
    before = model(model.encode(SMILES))[1].item()
    for _ in range(60):
        chemical_step(model, adam, SMILES, 0.0)
    assert model(model.encode(SMILES))[1].item() < 0.5 * before
    assert all(len(text) <= 12 for text in model.eval().sample(torch.randn(3, 8)))
