// Marks a comment as useful, and takes the mark back, where it stands. One form serves all buttons of the page.

export default function (form) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-useful]")) return;
    event.preventDefault();
    if (button.disabled) return;
    const fields = new URLSearchParams(new FormData(form, button)), isMarked = button.ariaPressed === "true";
    button.disabled = true;
    let answer = null;
    try {
      answer = await fetch(isMarked ? "/comments/not-useful" : form.action, {
        method: "POST", body: fields, headers: { "X-Requested-With": "fetch", Accept: "application/json" }, redirect: "error",
      });
    } catch { /* not reached, or signed out since */ }
    button.disabled = false;
    if (!answer?.ok) return tell(button, answer?.status === 429 ? "Too many marks in a short time. Try again later." : "Not marked. Load the page again and try once more.");
    tell(button, "");
    const { useful, marked } = await answer.json();
    button.setAttribute("aria-pressed", String(marked));
    let count = button.querySelector(".useful-count");
    if (!count) {
      count = Object.assign(document.createElement("span"), { className: "useful-count" });
      button.append(" ", count);
    }
    count.textContent = useful || "";
    button.focus();
  });
}

function tell(button, words) {
  let place = button.nextElementSibling?.matches(".useful-told") ? button.nextElementSibling : null;
  if (!place && !words) return;
  if (!place) {
    place = Object.assign(document.createElement("span"), { className: "useful-told" });
    place.setAttribute("role", "status");
    button.after(place);
  }
  place.textContent = words;
}
