// Pictures for a text: pasted, dropped or chosen, described in a dialog, put in as a line of Markdown at the cursor.

import { ask, complain } from "../fragment.js";

const SHOWN = 320; // pixels of the picture in the dialog, the longer side

const picturesIn = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));

async function draw(canvas, file) {
  const bitmap = await createImageBitmap(file).catch(() => null); // what no browser reads the server refuses with words
  canvas.hidden = !bitmap;
  if (!bitmap) return;
  const factor = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, bitmap.width * factor);
  canvas.height = Math.max(1, bitmap.height * factor);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

function insert(text, line) {
  text.focus();
  const before = text.value.slice(0, text.selectionStart), after = text.value.slice(text.selectionEnd);
  const lead = "\n".repeat(before ? 2 - /\n{0,2}$/.exec(before)[0].length : 0);
  const tail = "\n".repeat(after ? 2 - /^\n{0,2}/.exec(after)[0].length : 1);
  if (document.execCommand("insertText", false, lead + line + tail)) return; // the one way that undo knows of
  text.setRangeText(lead + line + tail, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

export default function (tool) {
  const text = document.getElementById(tool.dataset.for);
  const waiting = []; // pictures that came together are described one after the other

  function open(file = null) {
    const dialog = tool.querySelector("template").content.firstElementChild.cloneNode(true);
    const form = dialog.querySelector("form"), fields = form.querySelector("[data-fields]");
    const chosen = () => fields.querySelector("[type=file]");

    const take = (picture) => {
      file = picture;
      if (!file) return;
      const transfer = new DataTransfer();
      transfer.items.add(file);
      chosen().files = transfer.files;
      draw(form.querySelector("canvas"), file);
    };

    async function send() {
      if (form.dataset.sending) return;
      if (file?.size > Number(tool.dataset.most)) {
        return complain(form, `The file is larger than ${Math.floor(tool.dataset.most / 1_048_576)} MB. Make the picture smaller.`);
      }
      const button = form.querySelector(".button-primary"), words = button.textContent;
      form.dataset.sending = "yes";
      button.textContent = "Adding …";
      const { ok, part, message } = await ask(form.action, new FormData(form));
      delete form.dataset.sending;
      button.textContent = words;
      if (!part) return complain(form, message);
      form.querySelector(":scope > .error-summary")?.remove();
      if (ok) {
        dialog.close();
        return insert(text, part.querySelector("[data-markdown]").textContent);
      }
      fields.replaceChildren(part);
      take(file);
      fields.querySelector("[aria-invalid]")?.focus();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      send();
    });
    fields.addEventListener("change", (event) => { if (event.target.files) take(event.target.files[0] ?? null); });
    form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      text.focus();
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
    open(waiting.shift());
  }

  tool.querySelector("[data-unaided]").hidden = true;
  tool.querySelector("[data-aided]").hidden = false;
  tool.querySelector("[data-open]").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
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
