// Shows the write-up beside its form while somebody types. Without this the button "Preview" does the same.
import { start } from "../app.js";

const PAUSE_MS = 700, SLOWER = 3; // after the last key; a long text, which costs the server more, is asked for less often

export default function preview(form) {
  const pane = document.createElement("aside");
  pane.className = "preview preview-pane";
  pane.setAttribute("aria-label", "Preview");
  pane.tabIndex = 0;
  form.after(pane);
  form.querySelector("button[name=preview]").hidden = true;
  let timer, sending, shown = "", pause = PAUSE_MS;

  async function show() {
    sending?.abort();
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

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, pause);
  });
  show();
}
