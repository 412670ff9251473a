// Moderation in place: the comment that something was done about is drawn anew, the list stays where it is. And by keys:
// j and k go through the list, a approves, h opens the form that hides, u undoes, x ticks, ? tells of them.

import { ask, complain, fields } from "../fragment.js";

const entryOf = (element) => element?.closest?.("[data-moderation-entry]");

async function send(form, submitter, say) {
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const entry = entryOf(form);
  const { ok, part, message } = await ask(form.action, fields(form, submitter));
  delete form.dataset.sending;
  const fresh = part?.querySelector("[data-moderation-entry]");
  if (!fresh) return complain(form, message);
  entry.replaceWith(fresh);
  (fresh.querySelector("[aria-invalid]") ?? fresh).focus();
  say(ok ? `${fresh.querySelector(".moderation-state").textContent}. Press u to undo.` : "That was not done.");
}

function step(place, by) {
  const entries = [...place.querySelectorAll("[data-moderation-entry]")];
  const now = entries.indexOf(entryOf(document.activeElement));
  const next = now < 0 ? entries[0] : entries[Math.min(Math.max(now + by, 0), entries.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const ACTS = {
  a: (entry) => entry.querySelector("[data-yes]")?.requestSubmit(),
  u: (entry) => entry.querySelector(".moderation-last form")?.requestSubmit(),
  x: (entry) => entry.querySelector("input[type=checkbox]")?.click(),
  h: (entry) => {
    const form = entry.querySelector("[data-no]");
    if (!form) return;
    form.closest("details").open = true;
    form.elements.code.focus();
  },
};

export default function moderate(place) {
  const keys = place.querySelector("[data-keys]");
  const said = place.querySelector("[data-said]");
  const say = (words) => { if (said) said.textContent = words; };
  if (keys) keys.hidden = false;
  place.addEventListener("submit", (event) => {
    if (!entryOf(event.target)) return;
    event.preventDefault();
    send(event.target, event.submitter, say);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && entryOf(event.target)) return entryOf(event.target).focus();
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const entry = entryOf(document.activeElement);
    if (event.key === "j" || event.key === "k") step(place, event.key === "j" ? 1 : -1);
    else if (event.key === "?" && keys) keys.open = !keys.open;
    else if (entry && Object.hasOwn(ACTS, event.key)) ACTS[event.key](entry);
    else return;
    event.preventDefault();
  });
}
