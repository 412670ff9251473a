// Adding, removing and moving rows of the editor's form without leaving the page. The server makes the rows in either
// case: this sends the form as it is typed, and puts the answer in place of the lists.

const ACTS = ["add", "remove", "move"];

async function fetchRows(form, button) {
  const data = new FormData(form);
  data.append(button.name, button.value);
  data.append("part", "rows");
  const response = await fetch(form.action, { method: "POST", body: data });
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}

function replace(place, html) {
  const open = new Set([...place.querySelectorAll("details[open]")].map((part) => part.id));
  place.innerHTML = html;
  for (const part of place.querySelectorAll("details")) if (open.has(part.id)) part.open = true;
  const row = place.querySelector("[data-focus]");
  const field = row?.querySelector("input:not([type=hidden]), select, textarea") ?? row;
  (field ?? place.querySelector("details[open] > summary"))?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

export default function rows(form) {
  const place = form.querySelector("[data-rows]");
  let unaided = false;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (unaided || !ACTS.includes(button?.name)) return;
    event.preventDefault();
    place.inert = true; // what is typed now would be lost
    const html = await fetchRows(form, button).catch(() => null);
    place.inert = false;
    if (html !== null) {
      replace(place, html);
      form.dispatchEvent(new Event("input")); // rows that came, went or moved are typed, too
      return;
    }
    unaided = true; // without the script's help the page itself says what is wrong
    form.requestSubmit(button);
  });
}
