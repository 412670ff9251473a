// A write-up that is being typed survives a closed tab, a lost connection and an ended session: what the server has not kept
// stands in this browser, a week at the most, and is offered when the page is opened again. Each open page has its own.

const WEEK_MS = 7 * 86_400_000, PAUSE_MS = 400;
const OWN = new Set(["csrf_token", "window", "continues", "has_rows"]); // of the page, not of the writer

const store = {
  read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full, or private mode */ } },
  keys(start) { try { return Object.keys(localStorage).filter((key) => key.startsWith(start)); } catch { return []; } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* private mode */ } },
};

const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => !OWN.has(name) && typeof value === "string");
const wordsOf = (fields) => JSON.stringify(fields
  .filter(([name, value]) => value.trim() && !/(^|-)id$|_id$/.test(name))
  .map(([name, value]) => [name, value.replaceAll("\r\n", "\n").trim()]));

function putBack(form, draft) {
  const sent = document.createElement("form");
  Object.assign(sent, { method: "post", action: form.action, enctype: "multipart/form-data", hidden: true });
  const own = [...new FormData(form)].filter(([name]) => OWN.has(name));
  for (const [name, value] of [...own, ...draft.fields, ["show", "1"]]) {
    const field = document.createElement("textarea");
    Object.assign(field, { name, value });
    sent.append(field);
  }
  document.body.append(sent);
  sent.submit();
}

/** The newest text that a page left behind here; what is too old, or is in the form already, is forgotten. */
function leftBehind(form, start) {
  const shown = wordsOf(fieldsOf(form));
  let newest = null;
  for (const key of store.keys(start)) {
    const draft = store.read(key);
    const counts = draft && Date.now() - draft.at < WEEK_MS && wordsOf(draft.fields) !== shown;
    if (!counts) store.remove(key);
    else if (!newest || draft.at > newest.at) newest = { ...draft, key };
  }
  return newest;
}

function offer(form, draft) {
  const place = form.closest(".editor").querySelector("[data-others]");
  const box = document.createElement("div");
  box.className = "message message-warning unsaved";
  const words = document.createElement("p");
  const at = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(draft.at);
  words.textContent = `This browser holds a text of yours from ${at} that did not reach the site.`;
  const buttons = [["Put it into the form", () => putBack(form, draft)], ["Forget it", () => { store.remove(draft.key); box.remove(); form.querySelector("input:not([type=hidden]), textarea").focus(); }]];
  box.append(words, ...buttons.map(([label, act]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button-small", textContent: label });
    button.addEventListener("click", act);
    return button;
  }));
  place.before(box);
}

export default function browserDraft(form) {
  const start = `write-up ${form.dataset.draft} of `, key = start + form.elements.namedItem("window").value;
  const forget = () => { clearTimeout(timer); store.remove(key); };
  let timer = null;
  const draft = leftBehind(form, start);
  if (draft) offer(form, draft);

  const write = () => store.write(key, { at: Date.now(), fields: fieldsOf(form) });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(write, PAUSE_MS);
  });
  addEventListener("pagehide", () => { if (timer) write(); });
  for (const done of ["kept", "discarded"]) form.addEventListener(done, () => { forget(); timer = null; });
}
