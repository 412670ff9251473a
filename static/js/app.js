// The frame of every page: the remembered colours, times in the reader's zone, `/` to search. A behaviour that only some
// pages need is a module of its own, loaded where data-behaviour="name" stands: behaviours/<name>.js exports default(element).

const remembered = {
  get scheme() { try { return localStorage.getItem("scheme"); } catch { return null; } },
  set scheme(value) { try { localStorage.setItem("scheme", value); } catch { /* private mode: holds for this page */ } },
};
const root = document.documentElement;
if (["light", "dark"].includes(remembered.scheme)) root.dataset.scheme = remembered.scheme;

const exact = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

function agoWords(instant) {
  const seconds = (instant - Date.now()) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return null; // the date says more
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return unit === "second" ? "just now" : relative.format(Math.trunc(seconds / size), unit);
}

function localise(time) {
  const instant = new Date(time.dateTime);
  if (Number.isNaN(instant.valueOf()) || time.dataset.utc) return;
  time.dataset.utc = time.textContent;
  time.title ||= time.textContent;
  if (!time.classList.contains("ago")) time.textContent = exact.format(instant);
  else time.textContent = agoWords(instant) ?? time.dataset.utc;
  const local = time.textContent;
  time.addEventListener("click", () => {
    if (!time.closest("a")) time.textContent = time.textContent === local ? time.title : local;
  });
}

/** Give life to a part of the page; a behaviour calls it for the HTML that it puts in. */
export function start(part) {
  for (const time of part.querySelectorAll("time.when, .comment-datetime")) localise(time);
  for (const element of part.querySelectorAll("[data-behaviour]")) {
    for (const name of element.dataset.behaviour.split(" ")) {
      import(`./behaviours/${name}.js`).then((module) => module.default(element));
    }
  }
}

function switchScheme() {
  const dark = getComputedStyle(root).colorScheme.includes("light dark")
    ? matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.scheme === "dark";
  root.dataset.scheme = remembered.scheme = dark ? "light" : "dark";
}

function ready() {
  start(document);
  const button = document.querySelector("[data-scheme-switch]");
  button.hidden = false;
  button.addEventListener("click", switchScheme);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    document.querySelector("[data-search]").focus();
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
else ready();
