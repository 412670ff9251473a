// One box for all boxes of its form, wherever on the page they stand.

export default function (label) {
  const all = label.querySelector("input");
  const boxes = () => [...all.form.elements].filter((one) => one.type === "checkbox" && one !== all);
  label.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  document.addEventListener("change", (event) => {
    if (event.target.form === all.form && event.target !== all) all.checked = boxes().every((box) => box.checked);
  });
}
