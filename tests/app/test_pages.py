"""The pages as functions: what a visitor types, and what the page shows; no browser."""

import json
import shlex

import pytest

pytest.importorskip("streamlit_jsme", reason="the extra [app] is not installed")

KETONE, ETHER = "CCC(=O)CC", "CCCOCC"  # the tiny model knows both


def cards(at) -> str:
    """Return the cards of a page as HTML."""
    found = [json.loads(one.proto.json)["html"] for one in at.get("bidi_component") if '"html"' in one.proto.json]
    return "".join(found)


def sentences(at) -> str:
    """Return what a page complains of; a trace would be a failure."""
    assert not at.exception
    return " ".join(one.value for one in at.error)


def command(at, tmp_path, monkeypatch) -> list[str]:
    """Return the command that a page says does the same, which must parse."""
    from chemvae.cli.app import build

    monkeypatch.chdir(tmp_path)
    tokens = shlex.split(at.code[-1].value)
    build().parse_args(tokens[1:], exit_on_error=False, print_error=False)
    return tokens


def test_neighbors_follow_the_molecule_and_the_radius(open_page, tiny_bundle, tmp_path, monkeypatch):
    import chemvae

    at = open_page(hand=KETONE)
    assert sentences(at) == ""
    at.slider[1].set_value(6)
    at.slider[0].set_value(0.5).run()
    expected = chemvae.load(tiny_bundle).neighbors(KETONE, n=6, radius=0.5)
    assert len(expected)
    for smiles in expected["smiles"]:
        assert f'title="{smiles}"' in cards(at)
    assert command(at, tmp_path, monkeypatch)[:3] == ["chemvae", "neighbors", KETONE]


def test_the_frame_shows_the_first_page(tiny_bundle, monkeypatch):
    from streamlit.testing.v1 import AppTest

    import chemvae.app

    monkeypatch.setenv("CHEMVAE_MODEL", str(tiny_bundle))
    at = AppTest.from_file(f"{chemvae.app.__path__[0]}/main.py", default_timeout=300)
    at.session_state["hand"] = KETONE
    at.run()
    assert sentences(at) == ""
    assert at.title[0].value == "What lies around a molecule"


@pytest.mark.parametrize("junk", ["C(", "<script>alert(1)</script>", "`x` **b**", "c1ccccc1 benzene", "é", "C" * 5000])
def test_junk_in_place_of_a_molecule_is_told_in_a_sentence(open_page, junk):
    at = open_page(hand=junk)
    assert "Expected a molecule in SMILES, but got" in sentences(at)
    assert cards(at) == ""


def test_a_molecule_that_the_model_cannot_take_is_told_in_a_sentence(open_page):
    assert "Expected a molecule that tiny can read" in sentences(open_page(hand="[Na+].[Cl-]"))


def test_interpolation_shows_every_step(open_page, tmp_path, monkeypatch):
    at = open_page("interpolate", corner_0=KETONE, corner_1=ETHER)
    assert sentences(at) == ""
    assert cards(at).count("<li") == 6
    assert command(at, tmp_path, monkeypatch)[2:4] == [KETONE, ETHER]


def wait(at):
    """Wait for the latest search, and look again."""
    from chemvae.app.desk import searches

    searches()[-1].wait(60)
    return at.run()


def test_optimisation_shows_what_it_found(open_page, tmp_path, monkeypatch):
    at = open_page("improve", start=KETONE)
    at.number_input[0].set_value(30)
    at.number_input[1].set_value(10)
    at.selectbox[0].set_value("random")
    at.button(key="search").click().run()
    at = wait(at)
    assert sentences(at) == ""
    assert "new molecules" in at.subheader[0].value
    assert "in 30 calls; the budget is spent" in " ".join(one.value for one in at.caption)
    assert "<li" in cards(at)
    assert "--budget" in command(at, tmp_path, monkeypatch)


def test_a_search_that_is_stopped_shows_what_it_found_so_far(open_page, monkeypatch):
    from chemvae.app.views import improve

    monkeypatch.setattr(improve, "work", lambda wish, work=improve.work: stopping(work(wish)))
    at = open_page("improve", start=KETONE)
    at.number_input[1].set_value(10)
    at.selectbox[0].set_value("random")
    at.button(key="search").click().run()
    at = wait(at)
    assert "in 21 calls; it was stopped" in " ".join(one.value for one in at.caption)
    assert "<li" in cards(at)


def stopping(work):
    """Return work that somebody stops after its second batch."""

    def run(tell, stop):
        told = []
        return work(lambda at: (told.append(at), tell(at)), lambda: len(told) > 2)  # start, and two batches

    return run


@pytest.mark.parametrize(("formula", "message"), [("qud", "qud"), ("", "Expected"), ("__import__('os')", "Expected")])
def test_a_formula_that_cannot_be_is_told_in_a_sentence(open_page, formula, message):
    at = open_page("improve", start=KETONE)
    at.text_input[0].set_value(formula)
    at.button(key="search").click().run()
    if len(at.error) == 0:
        at = wait(at)
    assert message in sentences(at)


def rendered(markdown: str) -> str:
    """Return the text that a browser shows of Markdown."""
    from markdown_it import MarkdownIt

    (_, inline, _) = MarkdownIt().parse(markdown)
    return "".join(part.content for part in inline.children)


def test_an_error_shows_every_character_of_a_formula(open_page):
    from chemvae.app.desk import searches

    at = open_page("improve", start=KETONE)
    at.text_input[0].set_value("5*qed - 2*")
    at.button(key="search").click().run()
    said = sentences(wait(at))
    assert "5*qed - 2*" in searches()[-1].failed
    assert rendered(said) == searches()[-1].failed


@pytest.mark.parametrize(
    "text",
    [
        "a*b*c _d_ ~e~",
        "logp <= 4 -> 5 -- `x`",
        "[a](b) <b>c</b> $d$ :red[e]",
        ":smile: :material/error: C#N",
        r"F\C=C\F",
    ],
)
def test_markdown_leaves_an_error_alone(text):
    from chemvae.app.excuses import literal

    assert rendered(literal(text)) == text
    assert " <= " not in literal(text) and " -> " not in literal(text)  # Streamlit makes signs of them outside of code


def test_a_search_for_nothing_is_told_in_the_words_of_the_page(open_page):
    at = open_page("improve", start=KETONE)
    at.text_input[0].set_value(" ")
    at.button(key="search").click().run()
    assert "Write a formula" in sentences(at)
    assert "maximize=" not in sentences(at)


def test_a_column_that_cannot_be_guessed_can_be_named(open_page, tmp_path, monkeypatch):
    at = open_page("score")
    at.text_area[0].set_value("a,b\n1,CCO\n2,??\n3,!!")
    at.button(key="FormSubmitter:list-Score").click().run()
    (field,) = at.text_input
    assert f'Name the column under "{field.label}"' in sentences(at)
    field.set_value("b")
    at.button(key="FormSubmitter:list-Score").click().run()
    assert sentences(at) == ""
    assert at.dataframe[0].value["b"].tolist() == ["CCO", "??", "!!"]
    assert "--smiles-column b" in shlex.join(command(at, tmp_path, monkeypatch))


def test_an_sdf_with_fewer_records_than_rows_says_so(open_page):
    at = open_page("score")
    at.text_area[0].set_value("CCO\njunk(\nc1ccccc1")
    at.button(key="FormSubmitter:list-Score").click().run()
    assert "The SDF holds the 2 molecules, the CSV all 3 rows." in [one.value for one in at.caption]
    at.text_area[0].set_value("CCO\nc1ccccc1")
    at.button(key="FormSubmitter:list-Score").click().run()
    assert "The SDF" not in " ".join(one.value for one in at.caption)


def test_a_pasted_list_keeps_its_rows_and_its_reasons(open_page, tmp_path, monkeypatch):
    at = open_page("score")
    at.text_area[0].set_value("CCO ethanol\njunk( nothing\nc1ccccc1 benzene")
    at.button(key="FormSubmitter:list-Score").click().run()
    assert sentences(at) == ""
    table = at.dataframe[0].value
    assert table["smiles"].tolist() == ["CCO", "junk(", "c1ccccc1"]
    assert table["mw"].isna().tolist() == [False, True, False]
    assert "1 could not be scored" in " ".join(one.value for one in at.caption)
    assert command(at, tmp_path, monkeypatch)[:2] == ["chemvae", "score"]


@pytest.mark.parametrize("pasted", ["", "a,b\n1,2", "   \n"])
def test_a_list_without_molecules_is_told_in_a_sentence(open_page, pasted):
    at = open_page("score")
    at.text_area[0].set_value(pasted)
    at.button(key="FormSubmitter:list-Score").click().run()
    assert "Expected" in sentences(at)


def test_an_uploaded_file_is_read_by_its_ending_and_told_of_by_its_name(small_molecules):
    import io

    import pandas as pd

    from chemvae.app.views.score import scored
    from chemvae.errors import InputError

    buffer = io.BytesIO()
    pd.DataFrame({"id": range(60), "smiles": small_molecules}).to_parquet(buffer)
    answer = scored("../../etc/molecules.parquet", buffer.getvalue(), ("qed",), False, ("PAINS",))
    assert answer.table["id"].tolist() == list(range(60))
    assert {"qed", "passes_PAINS"} <= set(answer.table.columns)
    with pytest.raises(InputError, match="mine.csv") as told:
        scored("mine.csv", b"\xff\xfe\x00", ("qed",), False, ())
    assert "/tmp" not in str(told.value)


def test_a_card_has_a_name_or_the_number_of_its_row_and_a_reason_in_words():
    from chemvae.app.views.score import legends, scored

    answer = scored("pasted.smi", b"CCO ethanol\njunk( nothing\nc1ccccc1\n", ("logp",), False, ())
    assert [card.legend[0] for card in legends(answer)] == ["ethanol", "nothing", "row 3"]
    assert legends(answer)[1].legend[1].startswith("RDKit cannot read it")


def test_a_fault_of_ours_is_a_sentence_and_its_trace_goes_to_the_terminal(capsys):
    from chemvae.app.excuses import excuse, said
    from chemvae.errors import InputError

    assert excuse(ZeroDivisionError("secret")) is True
    assert "secret" not in said(ZeroDivisionError("secret"))
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert said(InputError("Expected a,\n but got b.")) == "Expected a, but got b."


def test_a_click_takes_a_molecule_up(open_page):
    from streamlit.testing.v1 import AppTest

    def script():
        import streamlit as st

        from chemvae.app.molecules import HAND, take_up

        if st.button("pick", on_click=take_up, args=(HAND, "CCO")):
            st.text(st.session_state[HAND])

    at = AppTest.from_function(script).run()
    at.button[0].click().run()
    assert at.text[0].value == "CCO"


def test_files_hold_every_row(tmp_path):
    import pandas as pd

    from chemvae.app.downloads import as_csv

    table = pd.DataFrame({"smiles": ["CCO", None], "qed": [0.4, float("nan")]})
    assert as_csv(table).decode().splitlines()[:2] == ["smiles,qed", "CCO,0.4"]
    assert len(as_csv(table).decode().splitlines()) == 3
