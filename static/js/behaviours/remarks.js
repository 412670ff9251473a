// Remarks in place: the form opens below its line, what is said appears there. And the lines by keys, while one of them
// has the focus: they are one stop of the Tab key, the arrows or j and k go through them, n and p through the changes.

import { ask, complain, fields } from "../fragment.js";

const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const CHANGES = { n: 1, p: -1 };
const CHANGED = ".line-new, .line-old, .line-changed";

export default function (text) {
  const section = text.closest("section.review-text") ?? text;
  const links = [...text.querySelectorAll("a.line-number")];
  const hint = section.querySelector("[data-keys]");
  if (hint && !matchMedia("(pointer: coarse)").matches) {  // no pointer at all means keys alone
    const changes = text.querySelector(CHANGED) ? ", n and p to the next change and back" : "";
    hint.textContent = `On the number of a line: Enter remarks on it, j and k go to the next line and back${changes}. Escape closes an empty remark.`;
  }
  links.forEach((link, place) => { link.tabIndex = place ? -1 : 0; });

  function goTo(link) {
    if (!link) return;
    for (const one of links) one.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
  }

  function nextChange(link, step) {
    const lines = links.map((one) => one.closest(".line"));
    // The next line of another run of changes, as people count them.
    for (let at = links.indexOf(link) + step; at >= 0 && at < links.length; at += step) {
      if (lines[at].matches(CHANGED) && !lines[at].previousElementSibling?.matches(CHANGED)) return links[at];
    }
    return null;
  }

  async function open(link) {
    const line = link.closest(".line");
    const opened = line.nextElementSibling?.matches("[data-remark-form]") && line.nextElementSibling;
    if (opened) return opened.querySelector("textarea").focus();
    const { ok, part } = await ask(link.href);
    if (!ok || !part) { location.href = link.href; return; }
    line.after(part);
    dress(line.nextElementSibling, link).querySelector("textarea").focus();
  }

  function dress(form, link) {
    const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: "Cancel" });
    cancel.addEventListener("click", () => { form.remove(); goTo(link); });
    form.querySelector(".actions-bar").append(cancel);
    for (const one of form.querySelectorAll("[id]")) { // two forms may be open
      const id = `${one.id}-${links.indexOf(link)}`;
      for (const label of form.querySelectorAll(`[for="${one.id}"]`)) label.htmlFor = id;
      one.id = id;
    }
    const field = form.querySelector("textarea");
    field.setAttribute("aria-describedby", [...form.querySelectorAll(".field-help, .field-error")].map((one) => one.id).join(" "));
    return form;
  }

  async function send(form, submitter) {
    if (form.dataset.sending) return; // a second click must not say it twice
    form.dataset.sending = "yes";
    const { ok, part, message } = await ask(form.action, fields(form, submitter));
    delete form.dataset.sending;
    if (!part) return complain(form, message);
    const remark = form.closest("[data-remark]");
    const link = remark ? null : form.previousElementSibling.querySelector("a.line-number");
    if (ok) form.dispatchEvent(new Event("posted"));
    const fresh = part.firstElementChild;
    (remark ?? form).replaceWith(part);
    if (!ok && link) dress(fresh, link);
    (ok ? link ?? fresh : fresh.querySelector("[aria-invalid]") ?? fresh).focus();
    const count = document.querySelector("[data-open-count]");
    if (count) count.textContent = document.querySelectorAll("[data-remark][data-open]").length;
  }

  text.addEventListener("click", (event) => {
    const link = event.target.closest("a.line-number");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    goTo(link);
    open(link);
  });
  section.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-remark-form], [data-remark] form")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  text.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const form = event.target.closest("[data-remark-form]");
    if (form && event.key === "Escape" && !form.querySelector("textarea").value.trim()) {
      const link = form.previousElementSibling.querySelector("a.line-number");
      form.remove();
      goTo(link);
    }
    if (!event.target.matches("a.line-number")) return;
    const place = links.indexOf(event.target);
    const next = STEPS[event.key] ? links[place + STEPS[event.key]] : CHANGES[event.key] ? nextChange(event.target, CHANGES[event.key]) : null;
    if (!next) return;
    event.preventDefault();
    goTo(next);
  });
}
