// A comment that comes within seconds of its form waits for a moderator, as that of a program would. Whoever is quick
// with a short word waits here for the rest of that time instead.

const SPARE_MS = 100; // the clock of the site and this one need not tick together

export default function (field) {
  const form = field.form;
  const opened = performance.now();
  const needed = Number(field.dataset.seconds) * 1000 + SPARE_MS;

  // Before all others that listen: it goes on where the time is over.
  form.addEventListener("submit", (event) => {
    const left = opened + needed - performance.now();
    if (left <= 0 || event.submitter?.matches("[data-preview]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.waiting) return;
    form.dataset.waiting = "yes";
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    setTimeout(() => {
      delete form.dataset.waiting;
      button?.removeAttribute("aria-busy");
      if (form.isConnected) form.requestSubmit(button);
    }, left);
  }, { capture: true });
}
