// Pictures for a text: pasted, dropped or chosen, described in a dialog, put in as a line of Markdown at the cursor.

import { ask, complain } from "../fragment.js";
import { draw, insertLine, picturesIn } from "../pictures.js";

async function send(form, file, most) {
  if (file?.size > most) return { message: `The file is larger than ${Number((most / 1_048_576).toPrecision(3))} MB. Make the picture smaller.` };
  const button = form.querySelector(".button-primary"), words = button.textContent;
  form.dataset.sending = "yes"; // a second click must not add it twice
  button.textContent = "Adding …";
  const answer = await ask(form.action, new FormData(form));
  delete form.dataset.sending;
  button.textContent = words;
  return answer;
}

export default function images(tool) {
  const text = document.getElementById(tool.dataset.for), link = tool.querySelector("[data-open]");
  const waiting = []; // pictures that came together are described one after the other
  let isOpen = false;

  async function open(file = null) {
    isOpen = true;
    const { part, message } = await ask(link.href);
    const dialog = part?.querySelector("dialog");
    if (!dialog) { isOpen = false; return complain(text.form, message); }
    const place = [text.selectionStart, text.selectionEnd]; // browsers forget it when a dialog closes
    let line = "";
    const form = dialog.querySelector("form"), fields = form.querySelector("[data-fields]");

    function take(picture) {
      file = picture;
      if (!file) return;
      const transfer = new DataTransfer();
      transfer.items.add(file);
      fields.querySelector("[type=file]").files = transfer.files;
      draw(form.querySelector("canvas"), file);
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation(); // the editor's own behaviours watch what leaves the page
      if (form.dataset.sending) return;
      const { ok, part, message } = await send(form, file, Number(tool.dataset.most));
      if (!part) return complain(form, message);
      form.querySelector(":scope > .error-summary")?.remove();
      if (!ok) {
        fields.replaceChildren(part);
        take(file);
        return fields.querySelector("[aria-invalid]")?.focus();
      }
      line = part.querySelector("[data-markdown]").textContent;
      dialog.close();
    });
    fields.addEventListener("change", (event) => { if (event.target.files) take(event.target.files[0] ?? null); });
    form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      isOpen = false;
      if (line) insertLine(text, line, place);
      else text.focus();
      if (waiting.length) open(waiting.shift());
    });
    document.querySelector("main").append(dialog);
    take(file);
    dialog.showModal();
    fields.querySelector(file ? "textarea" : "[type=file]").focus();
  }

  function receive(event, transfer) {
    const pictures = picturesIn(transfer);
    if (!pictures.length) return;
    event.preventDefault();
    waiting.push(...pictures);
    if (!isOpen) open(waiting.shift());
  }

  tool.querySelector("[data-unaided]").hidden = true;
  tool.querySelector("[data-aided]").hidden = false;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!isOpen) open();
  });
  text.addEventListener("paste", (event) => {
    if (!event.clipboardData.getData("text/plain")) receive(event, event.clipboardData); // a copied table is text first
  });
  for (const kind of ["dragenter", "dragover"]) {
    text.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      text.classList.add("is-dropping");
    });
  }
  for (const kind of ["dragleave", "drop"]) text.addEventListener(kind, () => text.classList.remove("is-dropping"));
  text.addEventListener("drop", (event) => receive(event, event.dataTransfer));
}
