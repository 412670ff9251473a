// Asks now and then whether somebody said something while the page is open, and offers to show it. Nothing moves by itself.

import { start } from "../app.js";
import { markNew } from "./mine.js";

const EVERY_MS = 60_000, SLOWLY_MS = 300_000, PATIENCE_MS = 1_800_000; // after half an hour it asks less often

export default function (section) {
  const { threadOf, order } = section.dataset;
  const thread = section.querySelector("[data-thread]");
  const openedAt = Date.now();
  let known = Number(section.dataset.newest), waiting = [], timer = null;

  const place = Object.assign(document.createElement("div"), { className: "thread-offer" });
  place.setAttribute("role", "status");
  const button = Object.assign(document.createElement("button"), { type: "button", hidden: true });
  place.append(button);
  section.append(place);

  async function look() {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return; // it looks again when somebody does
    let answer = null;
    try {
      answer = await fetch(`${threadOf}/comments/newest`, { credentials: "omit", cache: "no-cache" }); // one answer for all
    } catch { /* not reached: later */ }
    if (answer?.status === 404) return;
    if (answer?.ok) tell((await answer.json()).comments);
    timer = setTimeout(look, answer?.ok && Date.now() - openedAt < PATIENCE_MS ? EVERY_MS : SLOWLY_MS);
  }

  function tell(comments) {
    const me = Number(section.dataset.me);
    waiting = comments.filter(({ id, user }) => id > known && user !== me && !document.getElementById(`comment-${id}`));
    button.hidden = !waiting.length;
    const count = `${waiting.length}${waiting.length === comments.length ? " or more" : ""}`;
    button.textContent = waiting.length === 1 && comments.length > 1 ? "1 new comment" : `${count} new comments`;
  }

  async function show() {
    const first = Math.min(...waiting.map(({ id }) => id)), query = order === "oldest" ? "" : `?order=${order}`;
    button.disabled = true;
    let fresh = null;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (answer.ok) fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { /* not reached: the link says so */ }
    button.disabled = false;
    const added = fresh ? putIn(fresh.querySelectorAll("[data-thread] > [data-entry]")) : [];
    if (!added.length) { location.href = `/comments/${first}${query}`; return; } // they stand on another page
    known = Math.max(known, ...waiting.map(({ id }) => id));
    tell([]);
    section.querySelector("[data-no-comments]")?.remove();
    const count = fresh.querySelector("[data-count]"), read = document.querySelector("form.visit");
    if (count) section.querySelector("[data-count]").replaceChildren(...count.childNodes);
    if (read) read.elements.comment.value = known;
    section.dispatchEvent(new Event("marked-new"));
    added[0].tabIndex = -1;
    added[0].focus({ preventScroll: true });
    added[0].scrollIntoView({ block: "center" });
  }

  function putIn(entries) {
    const added = [];
    let before = null;
    for (const entry of entries) {
      const present = thread.querySelector(`:scope > [data-entry="${entry.dataset.entry}"]`);
      if (!present) {
        if (before) before.after(entry);
        else thread.prepend(entry);
        start(entry);
        added.push(entry);
      }
      before = present ?? entry;
    }
    markNew(added);
    return added;
  }

  button.addEventListener("click", show);
  document.addEventListener("visibilitychange", look);
  timer = setTimeout(look, EVERY_MS);
}
