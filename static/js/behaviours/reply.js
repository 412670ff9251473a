// Comments in place: the reply form opens below what it answers, and what is posted appears without a new page.

import { ask, isPlain, send } from "../fragment.js";

const depthOf = (entry) => Number(/depth-(\d+)/.exec(entry.className)?.[1] ?? 1);

// Not form.reset(): a form that came back with a fault holds the refused text as its first state.
function empty(form) {
  Object.assign(form.querySelector("textarea"), { value: "", ariaInvalid: null });
  for (const field of form.querySelectorAll("input[name=source]")) field.value = "";
  for (const choice of form.querySelectorAll("select[name=kind]")) choice.selectedIndex = 0; // the next one is no question again
  for (const part of form.querySelectorAll(".comment-preview, .error-summary")) part.remove();
}

export default function (section) {
  const thread = section.querySelector("[data-thread]");

  async function open(link) {
    const entry = link.closest("[data-entry]");
    const opened = thread.querySelector(`[data-reply-to="${entry.dataset.entry}"] textarea`);
    if (opened) return opened.focus();
    const { ok, part } = await ask(link.href);
    if (!ok || !part) { location.href = link.href; return; }
    const place = document.createElement("li");
    place.className = `thread-reply depth-${depthOf(entry)}`;
    place.dataset.replyTo = entry.dataset.entry;
    place.append(part);
    const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: "Cancel" });
    cancel.addEventListener("click", () => { place.remove(); link.focus(); });
    place.querySelector(".actions-bar").append(cancel);
    entry.after(place);
    place.querySelector("textarea").focus();
  }

  async function post(form, submitter) {
    const answer = await send(form, submitter);
    if (!answer) return;
    const entry = answer.part.querySelector("[data-entry]");
    form.dispatchEvent(new CustomEvent("posted", { bubbles: true, detail: { waits: "waits" in entry.dataset } }));
    show(entry, form, answer.location);
  }

  function show(entry, form, address) {
    const place = form.closest("[data-reply-to]");
    if (!place && section.dataset.lastPage !== "yes") { location.href = address; return; }
    section.querySelector("[data-no-comments]")?.remove();
    if (place) {
      let last = place;
      while (last.nextElementSibling && depthOf(last.nextElementSibling) >= depthOf(entry)) last = last.nextElementSibling;
      last.after(entry);
      place.remove();
    } else {
      thread.append(entry);
      empty(form);
    }
    const count = section.querySelector("[data-count]");
    if (count && !("waits" in entry.dataset)) count.textContent = `(${Number(count.textContent.replace(/\D/g, "")) + 1})`;
    location.hash = `comment-${entry.dataset.entry}`;
    entry.tabIndex = -1;
    entry.focus({ preventScroll: true });
  }

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-reply]");
    if (!link || !isPlain(event)) return;
    event.preventDefault();
    open(link);
  });
  section.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-comment-form]") || event.submitter?.matches("[data-preview]")) return;
    event.preventDefault();
    post(event.target, event.submitter);
  });
}
