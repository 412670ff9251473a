// What a browser can do with a picture before the server has it, and the line of Markdown that stands for it.

const SHOWN = 320; // pixels of the picture in the dialog, the longer side

/** The pictures in what was pasted or dropped. */
export const picturesIn = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));

/** Draw a picture small, or nothing: what no browser reads the server refuses with words. */
export async function draw(canvas, file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  canvas.hidden = !bitmap;
  if (!bitmap) return;
  const factor = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, bitmap.width * factor);
  canvas.height = Math.max(1, bitmap.height * factor);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

/** Put a line into a text field in place of [start, end], as a paragraph of its own. */
export function insertLine(text, line, [start, end]) {
  const before = text.value.slice(0, start), after = text.value.slice(end);
  const lead = "\n".repeat(before ? 2 - /\n{0,2}$/.exec(before)[0].length : 0);
  const tail = "\n".repeat(after ? 2 - /^\n{0,2}/.exec(after)[0].length : 1);
  text.focus();
  text.setSelectionRange(start, end);
  if (document.execCommand("insertText", false, lead + line + tail)) return; // the one way that undo knows of
  text.setRangeText(lead + line + tail, start, end, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
