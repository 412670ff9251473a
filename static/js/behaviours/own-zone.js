// A time that is typed is in the zone of whoever types it. Without this it is UTC, as its label says.

const two = (number) => String(number).padStart(2, "0");
const local = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;

export default function (form) {
  const field = form.querySelector("input[type=datetime-local]");
  const sent = Object.assign(document.createElement("input"), { type: "hidden", name: field.name });
  const given = field.value && new Date(`${field.value}Z`); // the server writes UTC
  if (given && !Number.isNaN(given.valueOf())) field.value = local(given);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  form.querySelector("[data-zone]").textContent = zone ? `(your time, ${zone.replaceAll("_", " ")})` : "(your time)";
  field.removeAttribute("name");
  field.after(sent);
  const keep = () => {
    const at = new Date(field.value); // without a zone it is the reader's own
    sent.value = Number.isNaN(at.valueOf()) ? field.value : at.toISOString();
  };
  field.addEventListener("input", keep);
  form.addEventListener("submit", keep);
  keep();
}
