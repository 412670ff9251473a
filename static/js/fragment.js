// Asking the server for a piece of a page: what every behaviour that puts HTML in shares.

import { start } from "./app.js";

/** Fetch a piece. Gives {ok, status, part, location, message}: `part` is null where the answer was no piece, then `message` says why. */
export async function ask(address, body = null) {
  const headers = { "X-Requested-With": "fetch", Accept: "text/html" };
  let response, text;
  try {
    response = await fetch(address, { method: body ? "POST" : "GET", body, headers });
    text = await response.text();
  } catch {
    return { ok: false, status: 0, part: null, message: "The site was not reached. Your text is still here; try again." };
  }
  const { ok, status } = response;
  if (response.redirected || /^\s*<!doctype/i.test(text)) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const words = [...page.querySelectorAll("main h1, main h1 + p")].map((element) => element.textContent).join(". ");
    return { ok: false, status, part: null, message: words || `The site answered with ${status}.` };
  }
  const template = document.createElement("template");
  template.innerHTML = text; // made and sanitized by the server, like the page itself
  start(template.content);
  return { ok, status, part: template.content, location: response.headers.get("Location"), message: "" };
}

/** What a form would send. */
export const fields = (form, submitter) => new URLSearchParams(new FormData(form, submitter));

/** Whether a click on a link is meant for this page, and not for another tab or window. */
export const isPlain = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

/** Send a form, once at a time. Gives the answer where it was done; null where the form now says why it was not. */
export async function send(form, submitter) {
  if (form.dataset.sending) return null; // a second click must not say it twice
  form.dataset.sending = "yes";
  const answer = await ask(form.action, fields(form, submitter));
  delete form.dataset.sending;
  if (!answer.part) complain(form, answer.message);
  else if (!answer.ok) {
    const again = answer.part.querySelector("form");
    form.replaceWith(again);
    (again.querySelector("[aria-invalid]") ?? again.querySelector("textarea")).focus();
  }
  return answer.part && answer.ok ? answer : null;
}

/** Say in the form why nothing happened. */
export function complain(form, message) {
  let place = form.querySelector(".error-summary");
  if (!place) {
    place = document.createElement("div");
    place.className = "error-summary";
    place.setAttribute("role", "alert");
    form.prepend(place);
  }
  const line = document.createElement("p");
  line.className = "field-error";
  line.textContent = message;
  place.replaceChildren(line);
}
