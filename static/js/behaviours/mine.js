// What is one's own on a page that many share: which comments are new since the last visit, and which one marked as useful.

export default async function (section) {
  const address = section.dataset.threadOf;
  let mine;
  try {
    const answer = await fetch(`${address}/comments/mine`, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) return;
    mine = await answer.json();
  } catch { return; } // the page is whole without it
  section.dataset.me = mine.user;
  for (const id of mine.marked) {
    section.querySelector(`[data-useful][value="${id}"]`)?.setAttribute("aria-pressed", "true");
  }
  if (mine.read_until !== null) markNew([...section.querySelectorAll("[data-thread] > [data-entry]")].filter(
    (entry) => (Number(entry.dataset.entry) > mine.read_until || mine.let_through.includes(Number(entry.dataset.entry))) && Number(entry.dataset.by) !== mine.user && entry.querySelector("article.comment"),
  ));
  const news = section.querySelector("[data-news]");
  if (!news) return;
  news.hidden = !mine.new;
  if (!mine.new) return;
  const isHere = document.getElementById(`comment-${mine.first_new}`);
  const link = Object.assign(document.createElement("a"), {
    textContent: `${mine.new} new since your last visit`, href: isHere ? `#comment-${mine.first_new}` : `/comments/${mine.first_new}`,
  });
  const list = Object.assign(document.createElement("a"), { textContent: "as a list", href: `${address}/comments/new` });
  news.replaceChildren(link, " (", list, ")");
  section.dispatchEvent(new Event("marked-new"));
}

/** Mark these entries; each mark leads to the next one. */
export function markNew(entries) {
  entries.forEach((entry, place) => {
    const next = entries[place + 1];
    const mark = Object.assign(document.createElement(next ? "a" : "span"), { className: "new-mark", textContent: "new" });
    if (next) {
      mark.href = `#comment-${next.dataset.entry}`;
      mark.title = "To the next new one";
    }
    entry.classList.add("is-new");
    entry.querySelector(".comment-head")?.append(" ", mark);
  });
}
