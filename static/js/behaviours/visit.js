// Notes, when a member leaves, what they read: the revision, and the comments where they got to them. What changes or comes
// later is marked for them.

const LEAST_MS = 3_000; // a glance is not reading
const AGAIN_MS = 600_000; // the same is noted again after a while: several pages of a discussion are one visit

export default function (form) {
  const key = `read ${form.getAttribute("action")}`;
  const { revision, comment } = form.elements;
  const comments = document.getElementById("comments");
  const shownAt = performance.now();
  let hasSeenComments = !comments;
  form.hidden = true;

  function leave() {
    const what = `${revision.value} ${hasSeenComments ? comment.value : ""} ${Math.floor(Date.now() / AGAIN_MS)}`;
    if (sessionStorage.getItem(key) === what || performance.now() - shownAt < LEAST_MS) return;
    const sent = new FormData(form);
    sent.set("quiet", "yes");
    if (!hasSeenComments) sent.delete("comment");
    if (navigator.sendBeacon(form.action, sent)) sessionStorage.setItem(key, what);
  }

  if (comments) {
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      hasSeenComments = true;
      watch.disconnect();
    });
    watch.observe(comments);
  }
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
}
