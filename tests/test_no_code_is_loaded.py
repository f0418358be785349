"""No file, bundle, cell or message is ever run: the source is searched for every call that could."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "chemvae"
RUNS = {"eval", "exec", "compile", "__import__"}
"""Functions of Python that run what they are given."""
LOADERS = {
    "joblib",
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "yaml",
    "jsonpickle",
    "code",
    "runpy",
}
"""Modules whose loads run what they are given."""
READS = {"load", "loads", "open", "InteractiveInterpreter"}
ALWAYS = {"read_pickle", "Unpickler", "run_path", "run_module"}
ALLOWED = {("search/serve.py", "pickle.loads")}
"""The functions of an objective that a person wrote in Python go to that person's own worker processes, through a pipe
that nobody shares; docs/trust.md says so."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def faults(path: Path) -> set[str]:
    """Name each call that could run what it reads."""
    return {name for name, call in calls(path) if could_run(name, call)}


def could_run(name: str, call: ast.Call) -> bool:
    module, _, last = name.rpartition(".")
    says = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name in ("torch.load", "torch.jit.load") or last == "load_from_checkpoint":
        return says.get("weights_only") != "True"
    if name in ("np.load", "numpy.load"):
        return says.get("allow_pickle") != "False"
    if last == "recv":  # a multiprocessing connection's own unpickles; recv_bytes does not
        return not call.args
    return name in RUNS or last in ALWAYS or (module.split(".")[0] in LOADERS and last in READS)


def test_nothing_that_is_read_is_run():
    found = {
        (path.relative_to(PACKAGE).as_posix(), name) for path in sorted(PACKAGE.rglob("*.py")) for name in faults(path)
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "pickle.loads(data)",
        "cloudpickle.load(file)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "Task.load_from_checkpoint(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path)",
        "yaml.load(text)",
        "eval(text)",
        "exec(text)",
        "joblib.load(path)",
        "pd.read_pickle(path)",
        "connection.recv()",
    ],
)
def test_the_search_finds_what_it_is_for(tmp_path: Path, line: str):
    (tmp_path / "a.py").write_text(line)
    assert faults(tmp_path / "a.py")


def test_what_is_safe_is_let_through(tmp_path: Path):
    safe = ["torch.load(p, weights_only=True)", "np.load(p, allow_pickle=False)", "model.eval()", "json.loads(text)"]
    (tmp_path / "a.py").write_text("\n".join([*safe, "connection.recv_bytes()", "re.compile(text)"]))
    assert not faults(tmp_path / "a.py")


def test_names_under_which_a_loader_could_hide_are_not_imported():
    """`from pickle import loads` or `import pickle as p` would pass the search above."""
    hidden = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LOADERS - {"joblib"}:
                hidden.add(path.name)
            if isinstance(node, ast.Import):
                hidden |= {path.name for one in node.names if one.name.split(".")[0] in LOADERS and one.asname}
    assert not hidden
