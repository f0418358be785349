// Tables that sort and filter, points that say what they are. No library, no network.
"use strict";
const TERM = /([^\s<>=]+)\s*(<=|>=|<|>|=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)/gi;
// A text of symbols of atoms with a ring, a branch, a bond or a bracket: in SMILES, c and C are not the same.
const SPELT = /^(?=.*[\d()=#[\]@\\/])(?:Br|Cl|[BCNOPSFIbcnops]|\[[^\]]*\]?|[-=#$:/\\.()%\d])+$/;
const HOLDS = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b, "=": (a, b) => a === b };

function value(cell) {
  if (cell.classList.contains("n")) return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  return cell.textContent.toLowerCase() || null;
}

function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null); // what is missing stays last
  return sign * (a < b ? -1 : a > b ? 1 : 0);
}

function holdsWord(cell, word) {
  const text = cell.textContent;
  if (cell.classList.contains("smiles") || SPELT.test(word)) return text.includes(word);
  return text.toLowerCase().includes(word.toLowerCase());
}

// "qed > 0.8 sa<3 c1ccncc1" is two conditions and one piece of text; all must hold.
function question(text, columns) {
  const terms = [];
  const rest = text.replace(TERM, (whole, name, sign, number) => {
    if (!columns.has(name.toLowerCase())) return whole;
    terms.push([columns.get(name.toLowerCase()), HOLDS[sign], Number(number)]);
    return " ";
  });
  const words = rest.split(/\s+/).filter(Boolean);
  return (row) =>
    terms.every(([at, holds, number]) => {
      const found = value(row.cells[at]);
      return typeof found === "number" && holds(found, number);
    }) && words.every((word) => [...row.cells].some((cell) => holdsWord(cell, word)));
}

for (const box of document.querySelectorAll(".sortable")) {
  const body = box.querySelector("tbody");
  const heads = [...box.querySelectorAll("th")];
  const columns = new Map(heads.map((head, at) => [head.textContent.trim().toLowerCase(), at]));
  const rows = [...body.rows];
  const count = box.querySelector(".count");

  heads.forEach((head, at) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const numeric = head.classList.contains("n");
      const before = head.getAttribute("aria-sort");
      const down = before === "none" ? numeric : before === "ascending"; // numbers: largest first
      heads.forEach((other) => other.querySelector("button") && other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => compare(value(a.cells[at]), value(b.cells[at]), down ? -1 : 1));
      body.append(...rows);
    });
  });

  box.querySelector("input").addEventListener("input", (event) => {
    const keeps = question(event.target.value, columns);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !keeps(row);
      shown += !row.hidden;
    }
    count.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
  });
}

// Rings that are wider than the window begin with the molecule in the middle.
for (const box of document.querySelectorAll(".wide .pan")) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;

// The title of a point stands below its chart too: a finger cannot hover, and text there can be copied.
for (const box of document.querySelectorAll(".told")) {
  const said = box.querySelector("output");
  let chosen = null;
  const tell = (event) => {
    const mark = event.target.closest("use");
    const title = mark && mark.querySelector("title");
    if (!title) return;
    if (chosen) chosen.classList.remove("chosen");
    chosen = mark;
    chosen.classList.add("chosen");
    said.textContent = title.textContent;
  };
  box.addEventListener("pointerover", tell);
  box.addEventListener("click", tell);
}
