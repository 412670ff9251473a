// Shows the write-up beside its form, or on a small screen below it, while somebody types; the button puts it away and
// brings it back. Without this the button asks for a page with it.
import { start } from "../app.js";

const PAUSE_MS = 700, SLOWER = 3; // after the last key; a long text, which costs the server more, is asked for less often

const remembered = {
  get choice() { try { return localStorage.getItem("preview"); } catch { return null; } },
  set choice(value) { try { localStorage.setItem("preview", value); } catch { /* private mode: holds for this page */ } },
};

export default function preview(form) {
  const pane = document.createElement("aside");
  pane.className = "preview preview-pane";
  pane.setAttribute("aria-label", "Preview");
  pane.tabIndex = 0;
  pane.hidden = (remembered.choice ?? (matchMedia("(min-width: 76rem)").matches ? "shown" : "hidden")) === "hidden";
  pane.textContent = "The preview is being made.";
  form.after(pane);
  const button = form.querySelector("button[name=preview]");
  button.type = "button"; // without a script it asks for a page
  let timer, sending, shown = "", pause = PAUSE_MS;

  async function show() {
    clearTimeout(timer);
    sending?.abort();
    if (pane.hidden) return;
    sending = new AbortController();
    const data = new FormData(form), began = Date.now();
    data.append("part", "preview");
    try {
      const response = await fetch(form.dataset.preview, { method: "POST", body: data, signal: sending.signal });
      if (!response.ok) return;
      const html = await response.text();
      pause = Math.max(PAUSE_MS, SLOWER * (Date.now() - began));
      if (html === shown) return;
      shown = html;
      const top = pane.scrollTop;
      pane.innerHTML = html;
      for (const one of pane.querySelectorAll("[id]")) one.removeAttribute("id"); // the form has ids of its own
      start(pane);
      pane.scrollTop = top;
    } catch (error) {
      if (error.name !== "AbortError") pane.dataset.stale = "";
    }
  }

  const name = () => { button.textContent = pane.hidden ? "Show preview" : "Hide preview"; };
  button.addEventListener("click", () => {
    pane.hidden = !pane.hidden;
    remembered.choice = pane.hidden ? "hidden" : "shown";
    name();
    show();
  });
  name();
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, pause);
  });
  show();
}
