import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chemvae.errors import InputError
from chemvae.search.expression import check_names, parse, parse_constraint

QED, SA = np.array([0.9, 0.5]), np.array([2.0, 4.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5*qed - sa", [2.5, -1.5]),
        ("-sa", [-2.0, -4.0]),
        ("qed**2 / 2", [0.405, 0.125]),
        ("2**3 * qed", [7.2, 4.0]),
        ("(qed + 1) * -(sa - 1)", [-1.9, -4.5]),
        ("min(qed, 0.6, sa)", [0.6, 0.5]),
        ("max(qed, sa/5)", [0.9, 0.8]),
        ("clip(sa, 2.5, 3)", [2.5, 3.0]),
        ("exp(log(sa)) + sqrt(abs(-sa*sa))", [4.0, 8.0]),
        ("1e-1*qed", [0.09, 0.05]),
    ],
)
def test_value(text, expected):
    values = parse(text)({"qed": QED, "sa": SA})
    np.testing.assert_allclose(values, expected)


@pytest.mark.parametrize(
    "text", ["5*qed - sa", "min(qed, 0.6)", "clip(sa, 2.5, 3)*exp(qed)", "sqrt(abs(sa))/log(2+qed)"]
)
def test_torch_says_the_same_and_keeps_gradients(text):
    formula = parse(text)
    tensors = {"qed": torch.tensor(QED, requires_grad=True), "sa": torch.tensor(SA, requires_grad=True)}
    answer = formula(tensors)
    np.testing.assert_allclose(answer.detach().numpy(), formula({"qed": QED, "sa": SA}))
    answer.sum().backward()
    assert any(tensor.grad is not None for tensor in tensors.values())


def test_names_come_in_order_and_once():
    assert parse("sa + qed*sa - min(logp, qed)").names == ("sa", "qed", "logp")


def test_bare_name_is_seen():
    assert parse(" sa ").bare
    assert not parse("-sa").bare


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "5\\*qed"),
        ("5*", "does not read"),
        ("qed^2", "written \\*\\*"),
        ("__import__('os').system('ls')", "none of its functions"),
        ("qed.real", "outside its grammar"),
        ("(lambda: 1)()", "none of its functions"),
        ("qed if sa else 1", "outside its grammar"),
        ("[qed]", "outside its grammar"),
        ("'qed'", "outside its grammar"),
        ("True*qed", "outside its grammar"),
        ("2**qed", "plain number"),
        ("qed // 2", "knows \\+ - \\* / \\*\\* only"),
        ("clip(qed)", "clip takes 3"),
        ("min(qed)", "min takes 2 or more"),
        ("log(qed, x=1)", "log takes 1"),
        ("log + 1", "is a function"),
        ("1 + 1", "names no property"),
        ("1e999*qed", "too large"),
        ("(" * 300 + "qed" + ")" * 100, "does not read"),
        ("qed +" * 200 + "1", "5\\*qed"),
    ],
)
def test_what_is_outside_the_grammar_is_refused(text, why):
    with pytest.raises(InputError, match=why):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused(text):
    try:
        parse(text)
    except InputError as error:
        assert "\n" not in str(error).replace("\\n", "")


def test_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match='Did you mean "qed"'):
        check_names(parse("5*qde - sa").names, ("qed", "sa"), "5*qde - sa")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sa<=2", [True, False]),
        ("sa > 2", [False, True]),
        ("1 <= sa <= 3", [True, False]),
        ("qed == 0.5", [False, True]),
        ("qed*2 >= sa/2", [True, False]),
    ],
)
def test_constraint(text, expected):
    assert parse_constraint(text)({"qed": QED, "sa": SA}).tolist() == expected


def test_constraint_is_never_met_by_nan():
    assert not parse_constraint("sa<=2")({"sa": np.array([np.nan])}).any()


@pytest.mark.parametrize(
    "text", ["logp", "logp = 4", "logp != 4", "4 <= 5", "logp <=", "logp in (1, 2)", "logp <= 'a'"]
)
def test_what_compares_nothing_is_refused(text):
    with pytest.raises(InputError, match="Expected"):
        parse_constraint(text)


def test_slack_says_by_how_much_a_constraint_is_met():
    values = {"mw": np.array([100.0, 300.0, 500.0, np.nan])}
    one = parse_constraint("200 <= mw < 500")
    low, high = one.slack(values)
    assert low[:3].tolist() == [-100.0, 100.0, 300.0]
    assert high[:2].tolist() == [400.0, 200.0]
    assert -1e-6 < high[2] < 0.0
    assert np.isnan(low[3])
    assert parse_constraint("mw >= 300").slack(values)[0][:2].tolist() == [-200.0, 0.0]
    assert one.graded
    assert not parse_constraint("mw == 3").graded
