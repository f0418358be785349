"""Names lead to oracles; what is no name is told with the nearest."""

import subprocess
import sys

import numpy as np
import pytest

from chemvae.chem.oracles.names import NAMES, TDC_036
from chemvae.chem.oracles.registry import compute, oracle, suite
from chemvae.errors import InputError


def test_a_name_leads_to_its_oracle():
    found = oracle("zaleplon_mpo")
    assert found.name == found.__name__ == "zaleplon_mpo"
    assert (
        found.source
        == "PMO, Gao et al., NeurIPS 2022; GuacaMol, Brown et al., J. Chem. Inf. Model. 2019, 59, 1096 (fixed)"
    )
    assert TDC_036 in oracle("zaleplon_mpo", TDC_036).source


def test_suites_hold_twenty_each():
    assert len(suite("pmo")) == len(suite("guacamol")) == 20
    assert all(one.name == name for name, one in suite("pmo", TDC_036).items())


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda: oracle("zaleplon_mop"), 'Did you mean "zaleplon_mpo"'),
        (lambda: oracle("Zaleplon-MPO"), 'Did you mean "zaleplon_mpo"'),
        (lambda: oracle("penalized_logp"), 'Did you mean "penalised_logp"'),
        (lambda: oracle("gsk3b"), "pickled model, which is never loaded"),
        (lambda: oracle("qed", "tdc-0.36"), 'Did you mean "tdc-0.3.6"'),
        (lambda: suite("pmos"), 'Did you mean "pmo"'),
        (lambda: compute(["C"], ["nothing"]), "Expected an oracle out of"),
    ],
)
def test_what_is_no_name_is_told(call, hint):
    with pytest.raises(InputError, match=hint):
        call()


def test_many_at_once_are_what_each_is_alone():
    smiles = ["CCO", None, "c1ccccc1O", "x"]
    found = compute(smiles, ["qed", "median1", "qed", "zaleplon_mpo"])
    assert list(found) == ["qed", "median1", "zaleplon_mpo"]
    for name, values in found.items():
        np.testing.assert_array_equal(values, oracle(name)(smiles))
    assert compute([], ["qed"])["qed"].shape == (0,)


def test_processes_agree_with_one():
    smiles = ["C" * (1 + row % 9) + "O" for row in range(700)]
    alone, together = (compute(smiles, ["celecoxib_rediscovery"], jobs=jobs) for jobs in (1, 2))
    np.testing.assert_array_equal(alone["celecoxib_rediscovery"], together["celecoxib_rediscovery"])


def test_the_names_are_had_without_rdkit():
    code = "import sys; from chemvae.chem.oracles.names import NAMES; print(len(NAMES), 'rdkit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(len(NAMES)), "False"]
