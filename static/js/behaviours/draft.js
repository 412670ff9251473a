// A text that is being written survives a closed tab: kept in this browser until it is posted, a week at the most.

const WEEK_MS = 7 * 86_400_000;

const store = {
  read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: not kept */ } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* private mode */ } },
};

export default function (form) {
  const key = `draft ${form.dataset.draft}`;
  const text = form.querySelector("textarea");
  const kept = store.read(key);
  const begun = "editForm" in form.dataset ? text.defaultValue : ""; // of an edit: its draft holds over these words only
  const beside = [...form.querySelectorAll("select[name=kind], input[name=source]")]; // what it is, and where it stands
  if (kept && Date.now() - kept.at < WEEK_MS && text.value === begun && (kept.begun ?? "") === begun) {
    text.value = kept.text;
    for (const field of beside) if (kept.beside?.[field.name]) field.value = kept.beside[field.name];
  }

  form.addEventListener("input", () => {
    const chosen = Object.fromEntries(beside.map((field) => [field.name, field.value]));
    if (text.value.trim() && text.value !== begun) store.write(key, { text: text.value, at: Date.now(), begun, beside: chosen });
    else store.remove(key);
  });
  form.addEventListener("posted", () => store.remove(key));
  // Without a script behind it the form leaves the page: what is refused comes back in the form itself.
  document.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented && !event.submitter?.matches("[data-preview]")) store.remove(key);
  });
}
