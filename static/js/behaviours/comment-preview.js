// The preview of a comment: opened by its button, then kept up while typing.

import { ask, complain, fields } from "../fragment.js";

const PAUSE_MS = 900; // of typing, before the renderer is asked again

export default function (form) {
  const button = form.querySelector("[data-preview]");
  const text = form.querySelector("textarea");
  let timer = 0, shown = "";

  const panel = () => form.querySelector(".comment-preview");

  async function update({ aloud = false } = {}) {
    const asked = text.value;
    if (!asked.trim() || (asked === shown && panel())) return;
    const { ok, part, message } = await ask(button.formAction, fields(form));
    if (!ok) {
      if (aloud) complain(form, part?.querySelector(".field-error")?.textContent ?? message);
      return;
    }
    if (text.value !== asked && panel()) return; // an older answer: the next one is under way
    let place = panel();
    if (!place) {
      place = document.createElement("div");
      place.className = "comment-preview";
      place.setAttribute("aria-live", "polite");
      text.closest(".field").before(place);
    }
    place.replaceChildren(part);
    shown = asked;
  }

  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    update({ aloud: true });
  });
  text.addEventListener("input", () => {
    clearTimeout(timer);
    if (panel()) timer = setTimeout(update, PAUSE_MS);
  });
}
