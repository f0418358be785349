import copy

import pytest
import torch

from chemvae.training.retrain import Course, Lessons, drawn, retrained


@pytest.fixture(scope="module")
def model(tiny_bundle):
    from chemvae.model import load

    return load(tiny_bundle)


@pytest.fixture(scope="module")
def lessons(model, small_molecules):
    from chemvae.retraining import padded

    x = padded(model, ["CCCCCCCCCO", "NCCCCCCCCN"])  # the model never saw them
    return Lessons(x=x, weights=torch.tensor([0.8, 0.2]), replay=padded(model, small_molecules))


QUICK = Course(steps=60, batch=32, learning_rate=3e-3)


def weights_of(vae):
    return torch.cat([weight.flatten() for weight in vae.state_dict().values()])


def test_learns_and_forgets_nothing(model, lessons):
    vae = retrained(model.vae, lessons, QUICK, seed=0)

    def surprise(one, x):
        return one.decoder.nll(one.encoder(x).mean, x).mean().item()

    assert surprise(vae, lessons.x) < 0.5 * surprise(model.vae, lessons.x)
    assert surprise(vae, lessons.replay) < surprise(model.vae, lessons.replay) + 1.0


def test_the_model_itself_and_its_head_stay_as_they_are(model, lessons):
    before, mode = copy.deepcopy(model.vae.state_dict()), model.vae.training
    vae = retrained(model.vae, lessons, QUICK, seed=0)
    assert all(torch.equal(value, before[name]) for name, value in model.vae.state_dict().items())
    assert not vae.training
    assert not any(weight.requires_grad for weight in vae.parameters())
    assert model.vae.training == mode
    head = [name for name in before if name.startswith("head.")]
    assert head
    assert all(torch.equal(vae.state_dict()[name], before[name]) for name in head)
    assert not torch.equal(weights_of(vae), weights_of(model.vae))


def test_the_seed_decides_and_the_global_generator_does_not(model, lessons):
    short = Course(steps=3, batch=8)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    one = weights_of(retrained(model.vae, lessons, short, seed=5))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(weights_of(retrained(model.vae, lessons, short, seed=5)), one)
    assert not torch.equal(weights_of(retrained(model.vae, lessons, short, seed=6)), one)


def test_batches_are_half_replay_and_follow_the_weights():
    many = Lessons(
        x=torch.tensor([[4, 2, 0], [5, 5, 2]]),
        weights=torch.tensor([1.0, 0.0]),
        replay=torch.tensor([[6, 2, 0, 0, 0]]),
    )
    x = drawn(many, 10, torch.Generator().manual_seed(0))
    assert x.tolist() == [[4, 2]] * 5 + [[6, 2]] * 5
    alone = Lessons(x=many.x, weights=many.weights, replay=torch.empty(0, 3, dtype=torch.int64))
    assert drawn(alone, 10, torch.Generator().manual_seed(0)).shape == (10, 2)
