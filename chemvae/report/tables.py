"""Tables for people: sortable with structures in a page, aligned text on the screen."""

from collections.abc import Sequence
from html import escape

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from chemvae.report.draw import structure
from chemvae.report.numbers import missing, number
from chemvae.report.page import Html

MOST = 300  # rows drawn into a page; a structure takes about two kilobytes
LONG = 24  # characters of a text that may be broken anywhere


def molecule_table(table: pd.DataFrame, *, smiles: str = "smiles", name: str = "molecules", most: int = MOST) -> Html:
    """Return a table with a structure in front of each row, which a reader can sort and filter.

    Args:
        table: one molecule per row, in the order to show.
        smiles: the column to draw.
        name: stands before the count, and tells two tables of a page apart.
        most: rows shown; a note says so if there are more.
    """
    shown = table.head(most)
    order = [smiles, *(column for column in shown.columns if column != smiles)]
    head = "".join(_head(column, _is_number(shown[column])) for column in order)
    body = "".join(_row(row) for row in shown[order].itertuples(index=False, name=None))
    note = f" (the first of {len(table):,})" if len(table) > len(shown) else ""
    return Html(
        f'<div class="sortable"><p class="tools"><label>Filter {escape(name)} '
        '<input type="search" placeholder="text, or qed &gt; 0.8" spellcheck="false"></label> '
        f'<span class="count" role="status">{len(shown):,} rows</span>{escape(note)}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}"><table>'
        f"<thead><tr><th>structure</th>{head}</tr></thead><tbody>{body}</tbody></table></div></div>"
    )


def plain_table(table: pd.DataFrame) -> Html:
    """Return a small table without structures or tools."""
    wide = {column: ' class="n"' if _is_number(table[column]) else "" for column in table.columns}
    head = "".join(f"<th{mark}>{escape(str(column))}</th>" for column, mark in wide.items())
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{mark}>{escape(number(v))}</td>" if mark else _text(number(v))
            for v, mark in zip(row, wide.values(), strict=True)
        )
        for row in table.itertuples(index=False, name=None)
    )
    return Html(f'<div class="scroll plain"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def text_table(table: pd.DataFrame, columns: Sequence[str] | None = None) -> str:
    """Return the table as aligned text without a trailing line end, numbers to the right."""
    shown = table[list(columns)] if columns is not None else table
    right = [_is_number(shown[column]) for column in shown.columns]
    rows = [[str(column) for column in shown.columns]]
    rows += [[number(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(right))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    )


def _head(column: object, numeric: bool) -> str:
    """Return a heading that sorts when pressed."""
    mark = ' class="n"' if numeric else ""
    words = escape(str(column)).replace("_", "_<wbr>")  # where paper is narrow
    return f'<th{mark} aria-sort="none"><button type="button">{words}</button></th>'


def _row(values: tuple[object, ...]) -> str:
    """Return one row; a number carries its full value for sorting."""
    text = "" if missing(values[0]) else str(values[0])
    cells = [f'<td class="mol">{structure(text, 170, 110) if text else ""}</td>']
    for at, value in enumerate(values):
        if at == 0:
            cells.append(f'<td class="smiles"><code>{escape(text)}</code></td>')
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            full = "" if missing(value) else f' data-v="{float(value)!r}"'
            cells.append(f'<td class="n"{full}>{number(value)}</td>')
        else:
            cells.append(_text("" if missing(value) else number(value)))
    return f"<tr>{''.join(cells)}</tr>"


def _text(text: str) -> str:
    """Return a cell of text; one that is long has room of its own, and ends its lines where it must."""
    mark = ' class="long"' if len(text) > LONG else ""
    return f"<td{mark}>{escape(text)}</td>"


def _is_number(column: pd.Series) -> bool:
    """Return whether a column holds numbers."""
    return is_numeric_dtype(column) and not is_bool_dtype(column)
