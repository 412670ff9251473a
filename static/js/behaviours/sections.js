// The sections of the editor's form: which are open is remembered while this tab lives, a link beside the form opens the one it
// leads to, and the numbers beside the links follow the rows.

const store = {
  read(key) { try { return JSON.parse(sessionStorage.getItem(key)) ?? []; } catch { return []; } },
  write(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode */ } },
};

export default function sections(form) {
  const key = `open sections ${form.dataset.draft}`;
  const parts = () => form.querySelectorAll("details.section[id]");
  const rail = form.closest(".editor").querySelector("[data-parts]");
  const open = new Set(store.read(key));

  for (const part of parts()) if (open.has(part.id)) part.open = true;
  form.addEventListener("toggle", (event) => {
    if (event.target.matches("details.section[id]")) store.write(key, [...parts()].filter((part) => part.open).map((part) => part.id));
  }, true); // toggle does not bubble

  rail.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.closest("a")?.hash.slice(1));
    if (!target) return;
    if (target.matches("details")) target.open = true;
    (target.querySelector("summary") ?? target).focus({ preventScroll: true });
  });
  form.addEventListener("input", (event) => {
    if (event.target !== form) return; // rows came, went or moved
    for (const place of rail.querySelectorAll("[data-count]")) {
      const words = document.querySelector(`#f-${place.dataset.count} > summary .count`).textContent;
      place.textContent = Number(words) ? words : "";
    }
  });
}
