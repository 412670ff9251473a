// Work for a site that asks for it: solved in a worker from the first keystroke on, sent along in a hidden field. Where
// that cannot be (an old browser, a page without TLS) the comment is sent without, and waits for a moderator.

const LONGEST_MS = 20_000; // a slow phone; then it is sent without

export default function (field) {
  const form = field.form;
  let under_way = null;

  async function solve() {
    const answer = await fetch(field.dataset.challenge, { headers: { Accept: "application/json" } });
    if (!answer.ok) return "";
    const challenge = await answer.json();
    const worker = new Worker(new URL("../proof-worker.js", import.meta.url), { type: "module" });
    try {
      return await new Promise((resolve) => {
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = () => resolve("");
        setTimeout(() => resolve(""), LONGEST_MS);
        worker.postMessage(challenge);
      });
    } finally {
      worker.terminate();
    }
  }

  function begin() {
    under_way ??= solve().catch(() => "").then((proof) => { field.value = proof; return proof; });
    return under_way;
  }

  function forget() {
    field.value = "";
    under_way = null;
  }

  let is_done = false; // the work, for the submit that goes through

  form.addEventListener("input", begin);
  form.addEventListener("posted", forget);
  // Before all others that listen: it goes on where the work is done.
  form.addEventListener("submit", async (event) => {
    if (is_done || event.submitter?.matches("[data-preview]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    if (form.dataset.working) return;
    form.dataset.working = "yes";
    button?.setAttribute("aria-busy", "true");
    await begin();
    button?.removeAttribute("aria-busy");
    delete form.dataset.working;
    is_done = true;
    form.requestSubmit(button);
    is_done = false;
  }, { capture: true });
}
