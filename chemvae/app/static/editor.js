export default function ({ parentElement, data, setStateValue }) {
  const frame = parentElement.querySelector("iframe");
  frame.tell = (event) => setStateValue("smiles", event.detail);
  if (frame.src) return;
  frame.addEventListener("drawn", (event) => frame.tell(event));
  frame.src = "/draw/index.html#" + encodeURIComponent(data.smiles);
}
