// Shows the cards of a report, which escape all they show; a click on one, or Enter, tells its molecule.
export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.querySelector(".place");
  if (place.shown === data.html) return;
  place.shown = data.html;
  place.innerHTML = data.html;
  place.style.setProperty("--columns", data.columns || "");
  place.classList.toggle("grid", Boolean(data.columns));
  for (const card of place.querySelectorAll(".cards li")) {
    if (!card.title) continue;
    card.tabIndex = 0;
    card.setAttribute("role", "button");
    const pick = () => setTriggerValue("picked", card.title);
    card.addEventListener("click", pick);
    card.addEventListener("keydown", (event) => { if (event.key === "Enter") pick(); });
  }
}
