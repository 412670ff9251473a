// Moderation in place: the entry that was hidden or restored is drawn anew, the list stays where it is.

import { ask, complain, fields } from "../fragment.js";

export default function (entry) {
  entry.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    const { part, message } = await ask(form.action, fields(form, event.submitter));
    delete form.dataset.sending;
    if (!part) return complain(form, message);
    const fresh = part.querySelector("[data-moderation-entry]");
    entry.replaceWith(fresh);
    (fresh.querySelector("[aria-invalid]") ?? fresh.querySelector("summary"))?.focus();
  });
}
