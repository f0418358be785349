"""Objectives that are no plain functions."""

from chemvae.chem.oracles.score import Oracle
from chemvae.chem.oracles.terms import Descriptor
from chemvae.search.objective import Objective

whole = Objective(maximize="qed", minimize="sa")
lipophilic = Oracle("log_p", Descriptor("logp"))
