"""docs/benchmarks.md: it is what the results give, and says value, n and protocol of each."""

import json

from benchmarks.page import PAGE, RESULTS, page, shown


def test_the_page_is_what_the_results_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `python -m benchmarks.page`."


def test_every_result_has_a_section() -> None:
    text = page()
    assert all(f"benchmarks/results/{path.name}" in text for path in RESULTS.glob("*.json"))


def test_any_result_is_told(tmp_path) -> None:
    figure = {"value": 0.75, "low": 0.7, "high": 0.8, "n": 5000, "protocol": "greedy from the mean"}
    (tmp_path / "new_one.json").write_text(
        json.dumps(
            {
                "protocol": "three rounds",
                "sha": "a" * 64,
                "figures": {"exact_reconstruction": figure},
                "rates": {"ours": {"median": 2.0, "least": 1.0, "greatest": 3.0}},
                "curve": [{"seconds": 900, "figures": {"exact": figure}}, {"seconds": 1800}],
                "sets": {"a": {"mae": 0.1}, "b": {"mae": None}},
            }
        )
    )
    text = page(tmp_path)
    for wanted in (
        "## New one",
        "three rounds",
        "`aaaaaaaaaaaa`",
        "| exact reconstruction | 0.75 | 0.7 to 0.8 | 5,000 |",
        "- *exact reconstruction*: greedy from the mean",
        "| ours | 2 (1 to 3) |",
        "| 900 | 0.75 |\n| 1,800 |  |",
        "| b | not defined |",
    ):
        assert wanted in text


def test_numbers_are_told_shortly() -> None:
    assert [shown(value) for value in (0.123456, 12345, True, "a|b", [1, 2])] == [
        "0.1235",
        "12,345",
        "yes",
        "a\\|b",
        "1, 2",
    ]
