import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from chemvae.chem.fingerprints import tanimoto
from chemvae.chem.judge import canonical, judge
from chemvae.chem.oracles.registry import oracle
from chemvae.chem.properties import compute
from chemvae.errors import ConfigError, ExistsError, InputError, OracleError
from chemvae.molecule import Molecule
from chemvae.optimize import optimize
from chemvae.search.found import Ending
from chemvae.search.objective import Objective
from chemvae.searchable import LatentModel, space_of

SIDES = ["C", "CC", "CO", "N", "O", "F", "Cl", "Br", "C(C)C", "C#N", "C(=O)O", "C(N)=O", "OC", "OCC", "NC", "N(C)C"]
SIDES += ["S(C)(=O)=O", "C(F)(F)F", "c2ccccc2", "C2CC2", "N2CCOCC2"]
CORES = ["c1cc({})ccc1{}", "c1cc({})ncc1{}", "C1CC({})CCC1{}", "c1cc({})sc1{}", "O=C(N{})C{}"]
PLACES = ("logp", "qed", "tpsa", "heavy_atoms")
LATENT = len(PLACES)


def library():
    texts = [core.format(a, b) for core in CORES for a in SIDES for b in SIDES]
    return sorted({molecule.smiles for molecule in judge(texts) if molecule.smiles})


class Nearest:
    """A model whose space holds a small library: where a molecule lies is four of its properties."""

    name, fingerprint, latent, property_names, device = "nearest", "0", LATENT, ("logp", "qed"), "cpu"

    def __init__(self):
        self.smiles = library()
        z = np.stack(list(compute(self.smiles, PLACES).values()), axis=1)
        self.z = ((z - z.mean(0)) / z.std(0)).astype(np.float32)
        self.row = {smiles: row for row, smiles in enumerate(self.smiles)}
        self.middle, self.spread = torch.tensor(z[:, :2].mean(0)).float(), torch.tensor(z[:, :2].std(0)).float()
        self.vae = self

    def head(self, z):
        return z[:, :2] * self.spread + self.middle

    def encode(self, smiles):
        nowhere = np.full(LATENT, np.nan, dtype=np.float32)
        return np.array([self.z[self.row[s]] if s in self.row else nowhere for s in smiles]).reshape(-1, LATENT)

    def decode(self, z):
        texts = [self.smiles[((self.z - row) ** 2).sum(1).argmin()] if row[0] > -1.5 else "C1CC(" for row in z]
        return judge(texts)

    def prior(self, n, seed=None):
        return np.random.default_rng(seed).standard_normal((n, LATENT)).astype(np.float32)

    def predict(self, smiles):
        return pd.DataFrame(self.head(torch.tensor(self.encode(smiles))).numpy(), columns=list(self.property_names))


@pytest.fixture(scope="module")
def model():
    return Nearest()


@pytest.fixture(scope="module")
def start(model):
    return model.smiles[:300:15]


def run(model, objective="5*qed - sa", **more):
    return optimize(model, objective, **{"method": "random", "budget": 60, "batch": 10} | more)


def test_the_fake_is_a_model(model):
    assert isinstance(model, LatentModel)
    assert len(model.smiles) > 500


@pytest.mark.parametrize("method", ["random", "gradient", "bayes", "cmaes", "graph-ga", "structure-bayes"])
def test_finds_new_molecules_and_says_all_about_them(model, start, method):
    found = run(model, "5*qed - logp/9", method=method, start=start, constraints=["tpsa<=90"])
    table = found.candidates
    assert table.columns.tolist() == [
        *("smiles", "objective", "qed", "logp", "tpsa", "predicted_logp", "predicted_qed", "similarity", "call")
    ]
    assert len(found.history) == 60
    assert found.ending is Ending.BUDGET
    assert 0 < len(table) <= 40
    assert not set(table["smiles"]) & set(start)
    assert table["smiles"].is_unique
    assert [canonical(smiles) for smiles in table["smiles"]] == table["smiles"].tolist()
    assert table["objective"].is_monotonic_decreasing
    truth = compute(table["smiles"].tolist(), ["qed", "logp"])
    np.testing.assert_allclose(table["objective"], 5 * truth["qed"] - truth["logp"] / 9)
    assert (table["tpsa"] <= 90).all()
    np.testing.assert_allclose(table["predicted_qed"], model.predict(table["smiles"].tolist())["qed"])
    near = [np.max(tanimoto(smiles, start)) for smiles in table["smiles"]]
    np.testing.assert_allclose(table["similarity"], near, rtol=1e-6)


def test_bayes_beats_chance_and_the_start(model, start):
    best = {method: run(model, method=method, start=start, budget=100).best(10) for method in ("random", "bayes")}
    assert best["bayes"]["objective"].mean() > best["random"]["objective"].mean()


def test_every_decode_is_measured_waiting_or_rejected_with_a_reason(model, start):
    found = run(model, start=start)
    assert (found.rejected["reason"].str.len() > 0).all()
    assert {"seen before", "RDKit cannot read it"} <= set(found.reasons)
    assert sum(found.reasons.values()) == len(found.rejected)
    assert found.rejected.loc[found.rejected["smiles"].isna(), "text"].eq("C1CC(").all()


def test_graph_ga_leaves_the_models_library_and_needs_no_place(model):
    found = run(model, method="graph-ga", start=["C" * 50])
    assert found.unplaced == ()
    assert set(found.history["how"]) >= {"start", "prior", "crossover"}
    assert not set(found.candidates["smiles"]) <= set(model.smiles)


def test_a_benchmark_task_is_an_objective_by_its_name(model, start):
    found = run(model, Objective(maximize="median1"), start=start, constraints=["zaleplon_mpo>=0"])
    table = found.candidates
    assert table.columns.tolist()[:4] == ["smiles", "objective", "median1", "zaleplon_mpo"]
    truth = oracle("median1")(table["smiles"])
    np.testing.assert_allclose(table["objective"], truth)
    mixed = run(model, "median1 - 0.1*sa", start=start).candidates
    np.testing.assert_allclose(mixed["objective"], mixed["median1"] - 0.1 * mixed["sa"])


@pytest.mark.parametrize("name", ["isomers_c7h8n2o2", "qed"])
def test_an_oracle_of_another_version_keeps_its_name(model, start, name):
    before = oracle(name, "tdc-0.3.6")
    table = run(model, before, start=start).candidates
    np.testing.assert_allclose(table["objective"], before(table["smiles"]))
    np.testing.assert_allclose(table[name], table["objective"])


def test_a_search_is_not_resumed_with_another_version_of_its_oracle(model, start, tmp_path):
    run(model, oracle("isomers_c7h8n2o2", "tdc-0.3.6"), start=start, budget=30, out=tmp_path)
    with pytest.raises(InputError, match="oracles"):
        run(model, oracle("isomers_c7h8n2o2"), start=start, budget=30, out=tmp_path, resume=True)


def test_a_task_that_is_misspelt_is_told_with_the_nearest(model, start):
    with pytest.raises(InputError, match='Did you mean "zaleplon_mpo"'):
        run(model, Objective(maximize="zaleplon_mop"), start=start)


def test_start_may_be_missing(model):
    found = run(model, budget=20)
    assert len(found.candidates) == 20
    assert found.candidates["similarity"].isna().all()


def test_start_from_a_table_or_a_string(model, tmp_path):
    path = tmp_path / "start.csv"
    path.write_text("name,smiles\na,OCC\nb,c1ccccc1C\nc,CCO\n")
    assert run(model, start=path, budget=10).start["smiles"].tolist() == ["CCO", "Cc1ccccc1"]
    assert run(model, start=str(path), budget=10).start["smiles"].tolist() == ["CCO", "Cc1ccccc1"]
    assert run(model, start="OCC", budget=10).start["smiles"].tolist() == ["CCO"]


def test_lead_is_the_start_and_candidates_resemble_it(model):
    found = run(model, similar_to="Cc1ccc(O)cc1", min_similarity=0.3, budget=30)
    assert found.start["smiles"].tolist() == ["Cc1ccc(O)cc1"]
    assert (found.candidates["similarity"] >= 0.3).all()
    np.testing.assert_allclose(
        found.candidates["similarity"], tanimoto("Cc1ccc(O)cc1", found.candidates["smiles"].tolist()), rtol=1e-6
    )
    assert "less than 0.3 similar to the lead" in found.reasons


def test_parts_are_kept(model):
    found = run(model, keep=["c1ccncc1"], budget=30)
    assert len(found.candidates) == 30
    assert all("n" in smiles for smiles in found.candidates["smiles"])
    assert found.reasons["lacks a part to keep"] > 0


def test_a_start_that_breaks_a_constraint_is_measured_and_is_no_candidate(model):
    found = run(model, start=["CC", "CCO"], constraints="heavy_atoms>=8", budget=20)
    assert found.start["feasible"].tolist() == [False, False]
    assert (found.candidates["heavy_atoms"] >= 8).all()


def test_python_functions_predictions_and_directions(model, start):
    def length(smiles):
        return [len(one) for one in smiles]

    found = run(model, Objective(maximize="predicted_qed", minimize=length), start=start)
    assert found.objective == "predicted_qed - length"
    assert found.candidates["length"].tolist() == found.candidates["smiles"].str.len().tolist()
    assert found.candidates.columns.tolist().count("predicted_qed") == 1
    assert run(model, length, start=start).objective == "length"


def test_failures_are_kept_as_failures(model, start):
    def picky(smiles):
        if any("F" in one for one in smiles):
            raise RuntimeError("no fluorine here")
        return [np.inf if "Cl" in one else np.nan if "Br" in one else 1.0 for one in smiles]

    history = run(model, picky, start=start, budget=100).history
    of = {letter: history[history["smiles"].str.contains(letter)] for letter in ("F", "Cl", "Br")}
    assert set(of["F"]["reason"]) == {"RuntimeError: no fluorine here"}
    assert set(of["Br"][~of["Br"]["smiles"].str.contains("F")]["reason"]) <= {
        "picky is not a number",
        "picky is infinite",
    }
    failed = history["smiles"].str.contains("F|Cl|Br")
    assert history["objective"].isna().tolist() == failed.tolist()
    assert failed.any()


def test_folder_holds_what_is_promised(model, start, tmp_path):
    found = run(model, start=start, out=tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {"candidates.csv", "history.parquet", "rejected.parquet"}
    assert names == {*tables, "manifest.json", "oracle.jsonl", "report.html", "trace.png", "trace.svg"}
    back = pd.read_csv(tmp_path / "out" / "candidates.csv")
    pd.testing.assert_frame_equal(back, found.candidates, check_dtype=False, rtol=1e-12)
    assert len(pd.read_parquet(tmp_path / "out" / "history.parquet")) == 60
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["status"] == "finished"
    assert manifest["figures"]["calls"] == 60
    assert manifest["figures"]["rejected"] == found.reasons
    assert "<svg" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("method", ["random", "bayes", "cmaes", "gradient", "graph-ga", "structure-bayes"])
def test_same_seed_same_file(model, start, tmp_path, method):
    files = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        run(model, start=start, method=method, out=tmp_path / name, seed=seed)
        files.append((tmp_path / name / "candidates.csv").read_bytes())
    assert files[0] == files[1] != files[2]


KILLED = """
import os, signal, sys
sys.path.insert(0, {folder!r})
from test_optimize import Nearest, optimize
calls = 0

def slow(smiles):
    global calls
    calls += len(smiles)
    if calls > 35:
        os.kill(os.getpid(), signal.SIGKILL)
    return [len(one) for one in smiles]

optimize(Nearest(), slow, method={method!r}, budget=60, batch=10, out={out!r})
"""


@pytest.mark.parametrize("method", ["random", "bayes", "cmaes", "gradient", "graph-ga", "structure-bayes"])
def test_killed_with_9_and_resumed_is_the_same_and_repeats_nothing(model, method, tmp_path, request):
    asked = []

    def slow(smiles):
        asked.extend(smiles)
        return [len(one) for one in smiles]

    run(model, slow, method=method, out=tmp_path / "whole")
    whole = list(asked)
    code = KILLED.format(method=method, folder=str(request.path.parent), out=str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()
    assert not (tmp_path / "out" / "candidates.csv").exists()
    asked.clear()
    run(model, slow, method=method, out=tmp_path / "out", resume=True)
    assert asked == whole[30:]
    files = [(tmp_path / name / "candidates.csv").read_bytes() for name in ("whole", "out")]
    assert files[0] == files[1]
    asked.clear()
    run(model, slow, method=method, out=tmp_path / "out", resume=True)
    assert asked == []
    assert (tmp_path / "out" / "candidates.csv").read_bytes() == files[0]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("seed", {"seed": 1}),
        ("budget", {"budget": 61}),
        ("objective", {"objective": "qed - sa"}),
        ("filters", {"constraints": ["logp<=4"]}),
        ("method", {"method": "bayes"}),
        ("start", {"start": ["CCO"]}),
        ("settings", {"settings": {"radius": 0.5}}),
    ],
)
def test_resume_with_another_recipe_is_refused(model, tmp_path, name, more):
    run(model, out=tmp_path / "out", budget=60)
    with pytest.raises(InputError, match=f"the recipe that .* was begun with, but {name} was"):
        run(model, **{"out": tmp_path / "out", "resume": True} | more)


PARALLEL = """
import sys
sys.path[:0] = {paths!r}
import tiny_oracles
from test_optimize import Nearest, optimize

optimize(Nearest(), tiny_oracles.killing, method={method!r}, budget=60, batch=10, out={out!r}, workers=2, timeout=60)
"""


def test_killed_with_9_in_the_middle_of_a_parallel_batch_and_resumed_is_the_same(model, plugged, monkeypatch, request):
    import tiny_oracles

    run(model, tiny_oracles.killing, method="graph-ga", out=plugged / "whole")
    (plugged / "asked").unlink()
    paths = [str(request.path.parent), str(request.path.parent / "plugged")]
    code = PARALLEL.format(paths=paths, method="graph-ga", out=str(plugged / "out"))
    with monkeypatch.context() as patch:
        patch.setenv("TINY_KILL", "yes")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()
    kept = len((plugged / "out" / "oracle.jsonl").read_text().splitlines()) - 1
    assert kept > 30  # of the batch under way too, what had finished
    run(model, tiny_oracles.killing, method="graph-ga", out=plugged / "out", resume=True, workers=2)
    files = [(plugged / name / "candidates.csv").read_bytes() for name in ("whole", "out")]
    assert files[0] == files[1]
    assert len((plugged / "asked").read_text().split()) <= 60 + 35 - kept  # nothing that had finished is asked again


def test_one_process_or_several_find_the_same(model, start, plugged):
    import tiny_oracles

    goal = Objective("length - qed", functions={"length": tiny_oracles.length})
    alone, several = (run(model, goal, start=start, budget=40, workers=workers) for workers in (0, 2))
    pd.testing.assert_frame_equal(alone.history, several.history)


def test_what_hangs_or_dies_costs_one_call_and_says_why(model, plugged):
    def fragile(smiles):
        import os

        if smiles == ["CC"]:
            os._exit(5)
        return [1.0] * len(smiles)

    history = run(model, fragile, start=["C", "CC", "CCC"], budget=8, timeout=60).history
    assert history["reason"].tolist()[:3] == ["", "worker died with exit code 5", ""]
    assert history["objective"].isna().sum() == 1


def test_the_reason_of_an_oracle_is_kept(model):
    history = run(model, Objective(maximize="penalised_logp"), start=["C" * 60], budget=4).history
    assert np.isnan(history["objective"][0])
    mine = oracle("penalised_logp")
    assert "capped at 38" in run(model, mine, start=["C" * 60], budget=4).history["reason"][0]


def test_parts_to_avoid_and_alerts(model):
    found = run(model, avoid=["c1ccncc1", "[F,Cl,Br]"], alerts="brenk", budget=30)
    assert not found.candidates["smiles"].str.contains("F|Cl|Br|n").any()
    assert found.reasons["has a part to avoid"] > 0
    assert found.reasons["has a structural alert"] > 0
    with pytest.raises(InputError, match='Did you mean "PAINS"'):
        run(model, alerts=["PAIN"])
    with pytest.raises(InputError, match="Expected a SMARTS"):
        run(model, avoid="C(C")


@pytest.mark.parametrize("method", ["random", "graph-ga", "structure-bayes"])
def test_contradictory_constraints_are_told_by_every_method(model, method):
    with pytest.raises(OracleError, match='"breaks logp<=-20" alone turned away all'):
        run(model, method=method, start=["CCO", "CCN"], constraints=["heavy_atoms<=60", "logp<=-20"])


def test_a_resume_with_another_function_of_the_same_name_is_refused(model, plugged):
    from chemvae.plugins import objective_from

    run(model, objective_from(["length=tiny_oracles:length"]), out=plugged / "out", budget=20)
    for other in ("length=tiny_oracles:handed", "length=tiny_scores:lipophilic"):
        with pytest.raises(InputError, match="functions was .*tiny_oracles:length.* and is .*"):
            run(model, objective_from([other]), out=plugged / "out", budget=20, resume=True)


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_resume_of_something_else_is_refused(model, tmp_path, name):
    (tmp_path / name).write_text('{"kind": "run", "recipe": {}}')
    with pytest.raises((InputError, ExistsError), match="Expected .* search"):
        run(model, out=tmp_path, resume=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_resume_needs_a_folder(model):
    with pytest.raises(InputError, match="folder to resume"):
        run(model, resume=True)


def test_output_is_not_overwritten_unasked(model, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    with pytest.raises(ExistsError, match="--overwrite"):
        run(model, out=tmp_path / "out")
    run(model, out=tmp_path / "out", overwrite=True, budget=20)
    run(model, "qed - sa", out=tmp_path / "out", overwrite=True, budget=20)
    assert (tmp_path / "out" / "mine.txt").read_text() == "precious"


FRONT = {"maximize": "qed", "minimize": "logp", "pareto": True}


@pytest.mark.parametrize("method", ["random", "graph-ga", "structure-bayes"])
def test_a_front_is_exact_feasible_and_the_same_again(model, start, tmp_path, method):
    goal = Objective(**FRONT, measured="tpsa <= 60", reference={"qed": 0.2, "logp": 5})
    found = run(model, goal, method=method, start=start, out=tmp_path / "a")
    table, front = found.candidates, found.front
    assert table.columns.tolist() == [
        *("smiles", "front", "rank", "contribution", "qed", "logp", "tpsa"),
        *("predicted_logp", "predicted_qed", "similarity", "call"),
    ]
    assert (table["tpsa"] <= 60).all()
    assert (table["front"] == "yes").tolist() == (table["rank"] == 1).tolist()
    assert table["rank"].is_monotonic_increasing
    assert table.loc[table["rank"] == 1, "contribution"].is_monotonic_decreasing
    history = found.history
    broken = history["tpsa"] > 60
    assert history["feasible"].tolist() == (~broken).tolist()
    assert set(history.loc[broken, "reason"]) == {"breaks tpsa <= 60"}
    good = history[~broken]
    values = np.stack([good["qed"], -good["logp"]], axis=1)
    beaten = [((values >= one).all(axis=1) & (values > one).any(axis=1)).any() for one in values]
    assert sorted(front["smiles"]) == sorted(good["smiles"][~np.array(beaten)])
    assert history["hypervolume"].is_monotonic_increasing
    assert found.hypervolume == history["hypervolume"].iloc[-1] > 0
    assert found.reference == {"qed": 0.2, "logp": 5.0}
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert {"front.csv", "front.png", "report.html", "candidates.csv"} <= names
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["figures"]["front"] == len(front)
    assert manifest["figures"]["reference"] == found.reference
    run(model, goal, method=method, start=start, out=tmp_path / "b")
    files = [(tmp_path / name / "candidates.csv").read_bytes() for name in ("a", "b")]
    assert files[0] == files[1]


def test_a_formula_of_a_front_is_a_column_in_its_own_direction(model, start):
    found = run(model, Objective("5*qed - sa", minimize="heavy_atoms", pareto=True), start=start, budget=30)
    assert found.candidates.columns.tolist()[4:8] == ["5*qed - sa", "heavy_atoms", "qed", "sa"]
    np.testing.assert_allclose(found.candidates["5*qed - sa"], 5 * found.candidates["qed"] - found.candidates["sa"])
    assert set(found.reference) == {"5*qed - sa", "heavy_atoms"}


def test_one_objective_with_a_measured_constraint(model, start):
    found = run(model, Objective("5*qed - sa", measured="logp <= 2"), start=start, method="structure-bayes", budget=70)
    assert (found.candidates["logp"] <= 2).all()
    assert found.candidates.columns.tolist()[:5] == ["smiles", "objective", "qed", "sa", "logp"]
    assert found.history.loc[found.history["logp"] > 2, "reason"].eq("breaks logp <= 2").all()
    assert found.history["best"].iloc[-1] == found.history.loc[found.history["feasible"], "objective"].max()


def test_nothing_feasible_is_an_empty_front_and_still_a_page(model, start, tmp_path):
    found = run(model, Objective(**FRONT, measured="tpsa <= -5"), start=start, budget=30, out=tmp_path)
    assert (len(found.candidates), len(found.front), found.hypervolume) == (0, 0, 0.0)
    assert (tmp_path / "report.html").is_file()


def test_a_front_that_was_killed_is_resumed_only_with_its_own_question(model, start, tmp_path):
    run(model, Objective(**FRONT), start=start, budget=30, out=tmp_path)
    for other in (Objective(**FRONT, reference={"qed": 0.1, "logp": 5}), Objective(**FRONT, measured="tpsa <= 60")):
        with pytest.raises(InputError, match="Resume with the same"):
            run(model, other, start=start, budget=30, out=tmp_path, resume=True)


def test_a_method_that_climbs_one_formula_seeks_no_front(model):
    with pytest.raises(ConfigError, match="Pareto front, but got 'gradient', which climbs one formula"):
        run(model, Objective(**FRONT), method="gradient")


def raises(_):
    raise RuntimeError("the licence server is down")


@pytest.mark.parametrize(
    ("kind", "match", "more"),
    [
        (InputError, 'Did you mean "qed"', {"objective": "5*qde - sa"}),
        (InputError, "does not read", {"objective": "5*qed -"}),
        (OracleError, "a direction", {"objective": "sa"}),
        (InputError, "budget of at least 1", {"budget": 0}),
        (InputError, "above the 2 start molecules", {"start": ["CC", "CO"], "budget": 2}),
        (InputError, "batch of at least 1", {"batch": 0}),
        (InputError, "seed of at least 0", {"seed": -1}),
        (
            InputError,
            r"start molecule as SMILES, but got 'C1CC' as number 2: .* \(2 of 3",
            {"start": ["C", "C1CC", "x"]},
        ),
        (InputError, "molecule to stay similar to as SMILES, but got 'junk'", {"similar_to": "junk"}),
        (InputError, "similarity between 0 and 1", {"similar_to": "CC", "min_similarity": 4}),
        (InputError, "0.5 similar to, but got none", {"start": ["CC"], "min_similarity": 0.5}),
        (InputError, "Expected a SMARTS", {"keep": "C(C"}),
        (InputError, "Expected a constraint", {"constraints": "logp"}),
        (InputError, 'Did you mean "logp"', {"constraints": "lopg<=4"}),
        (ConfigError, "Did you mean", {"method": "baies"}),
        (ConfigError, "Did you mean", {"settings": {"arround": 0.1}}),
        (OracleError, "all 10 calls so far failed; the first: RuntimeError: the licence", {"objective": raises}),
        (
            OracleError,
            "all 10 calls so far failed; the first: <lambda>|objective is",
            {"objective": lambda s: s and [np.nan] * len(s)},
        ),
        (OracleError, "Expected 10 numbers from 'objective'", {"objective": lambda _: [1.0]}),
        (
            OracleError,
            '"breaks logp<=-50", .*"breaks logp<=-50" alone turned away all',
            {"constraints": ["mw<=900", "logp<=-50"]},
        ),
        (OracleError, '"breaks logp<=1" and "breaks logp>=2" are met by', {"constraints": ["logp<=1", "logp>=2"]}),
        (
            InputError,
            "a new name for the function 'qed'",
            {"objective": Objective("qed - sa", functions={"qed": raises})},
        ),
    ],
)
def test_bad_input_is_told_in_one_line(model, tmp_path, kind, match, more):
    with pytest.raises(kind, match=match) as caught:
        run(model, **{"out": tmp_path / "out"} | more)
    assert "\n" not in str(caught.value)


def test_nothing_is_written_for_what_cannot_begin(model, tmp_path):
    with pytest.raises(InputError):
        run(model, "5*qde - sa", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_start_that_the_model_cannot_encode_is_still_measured_and_told(model):
    found = run(model, start=["C" * 50], method="bayes", budget=30)
    assert found.unplaced == ("C" * 50,)
    assert run(model, start=[model.smiles[0]], method="random", budget=5).unplaced == ()
    assert np.isfinite(found.start["objective"]).all()
    assert len(found.candidates) == 29


def test_progress_is_told_after_each_batch(model, start):
    told = []
    found = run(model, start=start, progress=told.append)
    assert [one.calls for one in told] == [10, 20, 30, 40, 50, 60]
    assert told[-1].best == found.history["best"].iloc[-1]


def test_molecule_records_are_the_currency(model):
    assert all(isinstance(one, Molecule) for one in model.decode(model.prior(3, 0)))


def test_the_slope_knows_a_property_by_both_of_its_names():
    model = Nearest()
    slope = space_of(model, Objective("qed + predicted_qed")).slope
    z = torch.zeros(2, LATENT)
    assert torch.allclose(slope(z), 2 * model.head(z)[:, 1])
