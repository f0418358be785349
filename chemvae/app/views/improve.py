"""Optimize: better molecules under a budget, shown while they are found; a search that is stopped keeps them."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chemvae.app.desk import model, model_name, searches
from chemvae.app.downloads import again, offer
from chemvae.app.excuses import literal, telling
from chemvae.app.molecules import ASPIRIN, ask, folded, plain, show_cards, show_one
from chemvae.app.searches import Search
from chemvae.chem.oracles.names import ALERTS
from chemvae.errors import InputError
from chemvae.optimize import optimize
from chemvae.plugins import objective_from
from chemvae.report.design import design_page
from chemvae.report.numbers import number
from chemvae.report.searches import design_of, figures_of
from chemvae.search.found import Found
from chemvae.search.loop import Progress
from chemvae.search.methods import METHODS

EVERY = 1.0  # seconds between two looks at a search that runs
SHOWN = 24
METHOD = "structure-bayes"
FORMULAS = """A formula of properties, e.g. `5*qed - sa`, `-abs(logp - 2.5) + qed`, `predicted_logp`, or a benchmark's
task such as `zaleplon_mpo`. Names: logp, qed, sa, mw, tpsa, heavy_atoms, rings, rotatable, hbd, hba, fsp3 ..."""
AWAY = "Proposals that cost nothing: no molecule, one that was measured before, or one against a constraint."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is sought, as the page asked for it."""

    formula: str
    """what to make as large as possible"""
    start: str
    """the molecule to begin from; empty begins from the prior"""
    like: float
    """how similar to it a molecule must stay; 0 does not matter"""
    keep: str
    """SMARTS of a part that must stay; empty for none"""
    constraints: tuple[str, ...]
    """comparisons that molecules must meet"""
    alerts: tuple[str, ...]
    """lists of structural alerts that they must not match"""
    method: str
    """how to search"""
    budget: int
    """how many molecules may be measured"""
    batch: int
    """how many at a time"""
    seed: int
    """of everything drawn"""

    @property
    def command(self) -> list[str]:
        """What to type for the same search."""
        asked = {"start": [self.start], "keep": [self.keep], "constraint": self.constraints, "alerts": self.alerts}
        several = [part for name, values in asked.items() for value in values if value for part in (f"--{name}", value)]
        near = ["--similar-to", self.start, "--min-similarity", str(self.like)] if self.start and self.like else []
        how = ["--method", self.method, "--budget", str(self.budget), "--batch", str(self.batch)]
        seeded = ["--seed", str(self.seed), "-m", model_name(), "-o", "runs/better"]
        return ["chemvae", "optimize", "--maximize", self.formula, *several, *near, *how, *seeded]


def page() -> None:
    """Show the page."""
    st.title("Better molecules")
    left, right = st.columns([1, 2.2], gap="large")
    latest = searches()[-1] if searches() else None
    with left, telling():
        aim, place = st.container(), st.container()
        wish = asked(aim)
        busy = latest is not None and latest.running
        if place.button(
            "Search", type="primary", icon=":material/trending_up:", disabled=busy, width="stretch", key="search"
        ):
            latest = begin(wish)
            st.rerun()
    with right, telling():
        if latest is None:
            st.info(
                "Say what to look for and begin. Molecules appear here while they are found.", icon=":material/info:"
            )
        elif latest.running:
            watch()
        else:
            show(latest)


def asked(aim: DeltaGenerator) -> Wish:
    """Ask what to look for; what everybody has to say stands in a place of its own."""
    with aim:
        formula = st.text_input("Maximise", "5*qed - sa", help=FORMULAS)
        start = ask("Begin from", "start", ASPIRIN, hint="Leave it empty to begin anywhere.")
        like = st.slider("Stay similar to it", 0.0, 0.9, 0.0, 0.05, help="Least Tanimoto similarity; 0 is any.")
    with st.expander("Constraints", icon=":material/rule:"):
        keep = st.text_input("Keep this part", placeholder="SMARTS, e.g. c1ccccc1")
        limits = st.text_area("Limits, one a line", placeholder="logp <= 4\nmw <= 450", height=90)
        alerts = st.multiselect("No structural alerts of", ALERTS, placeholder="Lists")
    with st.expander("How to search", icon=":material/tune:"):
        method = st.selectbox("Method", list(METHODS), index=list(METHODS).index(METHOD))
        budget = st.number_input("Molecules to measure", 10, 100_000, 200, 50)
        batch = st.number_input(
            "At a time", 1, 1000, 25, help="Progress is shown, and a stop heeded, after each batch."
        )
        seed = st.number_input("Seed", 0, value=0)
    return Wish(
        formula=formula.strip(),
        start=start,
        like=like,
        keep=keep.strip(),
        constraints=tuple(line.strip() for line in limits.splitlines() if line.strip()),
        alerts=tuple(alerts),
        method=str(method),
        budget=int(budget),
        batch=int(batch),
        seed=int(seed),
    )


def begin(wish: Wish) -> Search:
    """Begin a search and remember it."""
    one = Search(wish.formula, wish.budget, work(wish), shlex.join(wish.command)).begin()
    searches().append(one)
    return one


def work(wish: Wish) -> Callable[[Callable[[Progress], None], Callable[[], bool]], Found]:
    """Return what a search does; the model is loaded before it begins, where a page can tell of it.

    Raises:
        InputError: there is nothing to maximise.
    """
    if not wish.formula:
        raise InputError("Expected something to maximise, but got nothing. Write a formula, e.g. 5*qed - sa.")
    loaded = model()

    def run(tell: Callable[[Progress], None], stop: Callable[[], bool]) -> Found:
        return optimize(
            loaded,
            objective_from((), maximize=[wish.formula]),
            start=[wish.start] if wish.start else (),
            method=wish.method,
            budget=wish.budget,
            batch=wish.batch,
            seed=wish.seed,
            similar_to=wish.start if wish.start and wish.like > 0 else None,
            min_similarity=wish.like if wish.start and wish.like > 0 else None,
            keep=[wish.keep] if wish.keep else (),
            constraints=wish.constraints,
            alerts=wish.alerts,
            progress=tell,
            stop=stop,
        )

    return run


@st.fragment(run_every=EVERY)
def watch() -> None:
    """Show how far the latest search is; look again in a second."""
    search = searches()[-1]
    if not search.running:
        st.rerun()
    at = search.at
    st.progress(min(at.calls / at.budget, 1.0), f"{at.calls:,} of {at.budget:,} molecules measured")
    if st.button("Stop and keep what was found", icon=":material/stop:", disabled=search.stopping):
        search.stop()
        st.rerun(scope="fragment")
    if search.stopping:
        st.caption("Stopping after this batch.")
    figures(at)
    if at.smiles:
        show_one(at.smiles, f"best so far: {number(at.best)}", key="best_so_far")
    trace(search)


def figures(at: Progress) -> None:
    """Show the figures of a search."""
    best, away = st.columns(2)
    best.metric(at.what.capitalize(), number(at.best))
    away.metric("Turned away unmeasured", number(at.rejected), help=AWAY)


def trace(search: Search) -> None:
    """Draw the best so far against the calls."""
    rows = [(one.calls, one.best) for one in search.told if one.best == one.best]
    if len(rows) > 1:
        chart = pd.DataFrame(rows, columns=["molecules measured", "best so far"])
        st.line_chart(chart, x="molecules measured", y="best so far", height=200)


def show(search: Search) -> None:
    """Show what a search found, or why it failed."""
    if search.found is None:
        st.error(literal(search.failed), icon=":material/error:")
        return
    found = search.found
    st.subheader(f"{len(found.candidates):,} new molecules")
    st.caption(f"Maximised {plain(search.title)} in {len(found.history):,} calls; {found.ending.value}.")
    figures(search.at)
    trace(search)
    if found.candidates.empty:
        st.info("Nothing new was measured yet. Search longer, or loosen the constraints.", icon=":material/info:")
        return
    best = found.best(SHOWN)
    show_cards(folded(best, ("objective",), ("similarity", "logp"), ("qed", "sa")), "better")
    more = (
        f"The {len(best)} best of {len(found.candidates):,}; the files hold all. "
        if len(found.candidates) > SHOWN
        else ""
    )
    st.caption(f"{more}A click takes a molecule up for the page Neighbors.")
    offer(found.candidates, "candidates", report=written(search, found))
    again(shlex.split(search.command))


def written(search: Search, found: Found) -> str:
    """Return the report of a search, written once."""
    search.report = search.report or design_page(design_of(found, figures_of(found), command=search.command))
    return search.report
