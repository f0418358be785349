import pytest

from chemvae.errors import ConfigError
from chemvae.search.methods import METHODS, method_from
from chemvae.search.space import Method


@pytest.mark.parametrize("name", METHODS)
def test_every_method_keeps_the_promise(name):
    assert isinstance(method_from(name), Method)


def test_settings_reach_the_method_in_their_type():
    method = method_from("bayes", {"top": 7.0, "radius": 1})
    assert (method.top, method.radius) == (7, 1.0)
    assert isinstance(method.top, int)


def test_unknown_method():
    with pytest.raises(ConfigError, match='Did you mean "bayes"'):
        method_from("bayse")


def test_unknown_setting():
    with pytest.raises(ConfigError, match='Did you mean "radius"'):
        method_from("bayes", {"raduis": 1.0})


@pytest.mark.parametrize(("key", "value"), [("top", 1.5), ("top", 0), ("radius", -1.0), ("radius", float("nan"))])
def test_values_that_cannot_be(key, value):
    with pytest.raises(ConfigError, match=f"bayes.{key}"):
        method_from("bayes", {key: value})


@pytest.mark.parametrize(
    ("name", "settings"),
    [("bayes", {"prior": 0.8}), ("random", {"around": 2}), ("gradient", {"prior": 2}), ("graph-ga", {"mutation": 2})],
)
def test_shares_beyond_the_whole(name, settings):
    with pytest.raises(ConfigError, match="at most 1"):
        method_from(name, settings)
