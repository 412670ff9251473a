// The secret of a new token: copied with a button, and gone from the page as soon as it is left, so that going back does
// not show it again.

export default function (part) {
  const field = part.querySelector("[data-secret]");
  const button = part.querySelector("[data-copy]");
  const said = part.querySelector("[data-copied]");
  field.addEventListener("focus", () => field.select());
  addEventListener("pagehide", () => { field.value = ""; });
  addEventListener("pageshow", (event) => { if (event.persisted) location.replace("/account/tokens"); });
  if (!navigator.clipboard) return; // only pages sent safely have one
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
    } catch {
      field.select();
      said.textContent = "Press Ctrl+C to copy.";
    }
  });
}
