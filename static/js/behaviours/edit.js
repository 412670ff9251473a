// Changing a comment in its place: the form stands where its words stood, until they are saved or it is closed.

import { ask, isPlain, send } from "../fragment.js";

export default function (section) {
  async function open(link) {
    const entry = link.closest("[data-entry]");
    const { ok, part } = await ask(link.href);
    if (!ok || !part) { location.href = link.href; return; }
    const form = part.querySelector("form");
    const shown = [...entry.children];
    const shut = () => { form.remove(); for (const one of shown) one.hidden = false; };
    const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: "Cancel" });
    cancel.addEventListener("click", () => { form.dispatchEvent(new Event("posted")); shut(); link.focus(); });
    form.querySelector(".actions-bar").append(cancel);
    for (const one of shown) one.hidden = true;
    entry.append(form);
    form.querySelector("textarea").focus();
  }

  async function save(form, submitter) {
    const answer = await send(form, submitter);
    if (!answer) return;
    form.dispatchEvent(new Event("posted"));
    const entry = answer.part.querySelector("[data-entry]");
    form.closest("[data-entry]").replaceWith(entry);
    entry.tabIndex = -1;
    entry.focus({ preventScroll: true });
  }

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-edit]");
    if (!link || !isPlain(event)) return;
    event.preventDefault();
    open(link);
  });
  section.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-edit-form]") || event.submitter?.matches("[data-preview]")) return;
    event.preventDefault();
    save(event.target, event.submitter);
  });
}
