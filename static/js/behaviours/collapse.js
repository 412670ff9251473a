// Folds a comment away with all its answers. What was folded stays so in this browser; a link to what is inside opens it.

const MOST_REMEMBERED = 500, LEAST_THREADS = 3;

const depthOf = (entry) => Number(/depth-(\d+)/.exec(entry.className)?.[1] ?? 1) + (entry.dataset.replyTo ? 1 : 0);

const remembered = {
  get ids() { try { return new Set(JSON.parse(localStorage.getItem("folded") ?? "[]")); } catch { return new Set(); } },
  set ids(ids) { try { localStorage.setItem("folded", JSON.stringify([...ids].slice(-MOST_REMEMBERED))); } catch { /* private mode: holds for this page */ } },
};

export default function (section) {
  const thread = section.querySelector("[data-thread]"), head = section.querySelector(".comments-head");
  const folded = remembered.ids;
  const entries = () => [...thread.children];
  const isFolded = (entry) => folded.has(entry.dataset.entry);
  const all = Object.assign(document.createElement("button"), { type: "button", className: "fold-all", hidden: true });

  function answersTo(entry, list, place) {
    let end = place + 1;
    while (end < list.length && depthOf(list[end]) > depthOf(entry)) end += 1;
    return list.slice(place + 1, end).filter((one) => one.dataset.entry);
  }

  function draw() {
    const list = entries();
    let hiddenBelow = Infinity, threads = 0, open = 0;
    list.forEach((entry, place) => {
      if (depthOf(entry) <= hiddenBelow) hiddenBelow = Infinity;
      entry.hidden = hiddenBelow < Infinity;
      const answers = answersTo(entry, list, place);
      if (answers.length) label(entry, answers);
      entry.classList.toggle("is-folded", answers.length > 0 && isFolded(entry));
      if (answers.length && isFolded(entry)) hiddenBelow = Math.min(hiddenBelow, depthOf(entry));
      if (answers.length && depthOf(entry) === 1) { threads += 1; open += !isFolded(entry); }
    });
    all.hidden = threads < LEAST_THREADS;
    all.textContent = open ? "Fold all threads" : "Open all threads";
  }

  function label(entry, answers) {
    let button = entry.querySelector(":scope > article > .comment-head > .fold, :scope > .thread-gone > .fold");
    if (!button) {
      button = Object.assign(document.createElement("button"), { type: "button", className: "fold" });
      button.addEventListener("click", () => { turn(entry, !isFolded(entry)); });
      entry.querySelector(":scope > article > .comment-head, :scope > .thread-gone").append(button);
    }
    const fresh = answers.filter((one) => one.classList.contains("is-new")).length;
    const words = `${answers.length} ${answers.length === 1 ? "reply" : "replies"}${fresh ? `, ${fresh} new` : ""}`;
    button.setAttribute("aria-expanded", String(!isFolded(entry)));
    button.setAttribute("aria-label", isFolded(entry) ? `Show this comment and ${words}` : `Fold this comment and ${words}`);
    button.textContent = isFolded(entry) ? `+ ${words}` : "−";
  }

  function turn(entry, away) {
    const id = entry.dataset.entry;
    folded.delete(id);
    if (away) folded.add(id);
    remembered.ids = folded;
    draw();
  }

  function reveal() {
    const target = document.getElementById(location.hash.slice(1))?.closest("[data-entry]");
    if (!target || target.parentElement !== thread) return;
    let depth = depthOf(target) + 1;
    for (let entry = target; entry; entry = entry.previousElementSibling) {
      if (depthOf(entry) >= depth) continue;
      depth = depthOf(entry);
      if (isFolded(entry)) turn(entry, false);
    }
    target.scrollIntoView();
  }

  all.addEventListener("click", () => {
    const away = all.textContent.startsWith("Fold");
    const list = entries();
    list.forEach((entry, place) => {
      if (depthOf(entry) !== 1 || !answersTo(entry, list, place).length) return;
      folded.delete(entry.dataset.entry);
      if (away) folded.add(entry.dataset.entry);
    });
    remembered.ids = folded;
    draw();
  });
  (head?.querySelector("nav") ?? head)?.append(all);
  draw();
  if (thread.querySelector(":scope > [hidden]")) reveal();
  addEventListener("hashchange", reveal);
  new MutationObserver(draw).observe(thread, { childList: true }); // what is posted or comes later
  section.addEventListener("marked-new", draw);
}
