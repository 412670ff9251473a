// What is typed is kept on the server whenever the writer pauses; who leaves before that is warned. It is no revision: that
// takes a button. What the server cannot take is in the browser's own draft (browser-draft.js), which hears of it here.

const PAUSE_MS = 1_500, LONGEST_MS = 15_000, AGAIN_MS = 15_000; // after the last key; while somebody types on; after a failure
const FLUSH_MS = 4_000; // how long a save waits for what is still on its way
const KEEPALIVE = 60_000; // bytes: browsers finish no longer request for a page that is gone

const time = (instant) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(instant);
const after = (ms) => new Promise((done) => { setTimeout(done, ms); });

export default function keep(form) {
  const status = form.querySelector("[data-kept]");
  const discard = form.querySelector("[data-discard]");
  let typed = 0, kept = 0, leaving = false, stopped = false, sending = null, timer = null, latest = 0;

  const isUnkept = () => typed > kept && !stopped;
  const say = (words) => { if (status.textContent !== words) status.textContent = words; };

  function wait(ms) {
    clearTimeout(timer);
    timer = setTimeout(send, Math.min(ms, Math.max(0, latest - Date.now())));
  }

  function send() {
    clearTimeout(timer);
    if (!sending && isUnkept()) sending = post().finally(() => { sending = null; });
    return sending ?? Promise.resolve();
  }

  async function post() {
    const upTo = typed, data = new FormData(form);
    const size = [...data.values()].reduce((sum, value) => sum + value.length, 0);
    let response = null;
    try {
      response = await fetch(form.dataset.keep, { method: "POST", body: data, keepalive: size < KEEPALIVE / 2, redirect: "error" });
    } catch { /* not reached: as any other refusal */ }
    if (!response?.ok) return failed(response?.status);
    const answer = await response.json();
    kept = upTo;
    discard.hidden = false;
    say(`Kept at ${time(new Date(answer.kept_at))}, not saved as a revision yet.`);
    if (!isUnkept()) form.dispatchEvent(new Event("kept"));
    else { latest = Date.now() + LONGEST_MS; wait(PAUSE_MS); }
  }

  function failed(code) {
    stopped = code === 409 || code === 404 || code === 413;
    const why = { 403: "you are signed out", 400: "you signed in again since", 409: "another window of yours keeps this write-up", 413: "it is too large" }[code] ?? "the site was not reached";
    say(`Not kept on the site: ${why}. It is kept in this browser.`);
    latest = Date.now() + AGAIN_MS;
    if (!stopped) wait(AGAIN_MS);
  }

  form.addEventListener("input", (event) => {
    if (event.target.closest?.("dialog")) return;
    if (!isUnkept()) latest = Date.now() + LONGEST_MS;
    typed += 1;
    wait(PAUSE_MS);
  });
  if ("unkept" in form.dataset) form.dispatchEvent(new Event("input")); // the server put something into the form
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  addEventListener("beforeunload", (event) => { if (!leaving && typed > kept) event.preventDefault(); });
  addEventListener("pageshow", () => { leaving = false; });

  document.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    if (event.target.id === "discard") {
      leaving = true;
      form.dispatchEvent(new Event("discarded"));
    }
    if (event.target !== form) return;
    if (leaving || (!isUnkept() && !sending)) { leaving = true; return; }
    event.preventDefault(); // first what was typed, then the save: if that fails, nothing is lost
    const flushed = (async () => { await sending; await send(); })();
    await Promise.race([flushed, after(FLUSH_MS)]);
    leaving = true;
    form.requestSubmit(event.submitter);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[name=save]:not([hidden])"));
  });
}
