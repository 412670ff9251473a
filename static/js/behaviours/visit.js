// Notes, when a member leaves, which revision they read, so that what changes later is marked for them.

const LEAST_MILLISECONDS = 3000; // a glance is not reading

export default function (form) {
  const key = `read ${form.getAttribute("action")}`;
  const { value: number } = form.elements.revision;
  const shownAt = performance.now();
  form.hidden = true;

  function leave() {
    if (sessionStorage.getItem(key) === number || performance.now() - shownAt < LEAST_MILLISECONDS) return;
    const sent = new FormData(form);
    sent.set("quiet", "yes");
    if (navigator.sendBeacon(form.action, sent)) sessionStorage.setItem(key, number);
  }

  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
}
