// The discussion of one place, opened under it: a second press on its count closes it again.

import { ask, isPlain } from "../fragment.js";

const PLACES = "li, p, dd, .claim-said, section";

export default function (article) {
  async function open(link) {
    const place = link.closest(PLACES);
    const { ok, part } = await ask(link.href);
    if (!ok || !part) { location.href = link.href; return; }
    const box = Object.assign(document.createElement(place.matches("li li, li") ? "div" : "aside"), { className: "place-box" });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "place-close", textContent: "Close" });
    for (const one of part.querySelectorAll("[id^=comment-]")) if (document.getElementById(one.id)) one.removeAttribute("id");
    box.append(part, close);
    if (place.matches("p")) place.after(box); else place.append(box);
    link.setAttribute("aria-expanded", "true");
    const shut = () => { box.remove(); link.setAttribute("aria-expanded", "false"); link.focus(); };
    close.addEventListener("click", shut);
    box.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.target.matches("textarea")) shut(); });
    link.place = shut;
    box.addEventListener("posted", (event) => {
      if (event.detail.waits) return; // nobody else sees it yet
      const count = (Number(link.textContent) || 0) + 1;
      link.textContent = count;
      link.classList.remove("talk-empty");
      link.setAttribute("aria-label", `${count} ${count === 1 ? "comment" : "comments"} here`);
    });
    const first = box.querySelector(".thread-entry, textarea");
    if (first) { if (!first.matches("textarea")) first.tabIndex = -1; first.focus({ preventScroll: true }); }
    box.scrollIntoView({ block: "nearest" });
  }

  for (const link of article.querySelectorAll("a[data-talk]")) {
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      if (!isPlain(event)) return;
      event.preventDefault();
      if (link.getAttribute("aria-expanded") === "true") link.place();
      else open(link);
    });
  }
}
