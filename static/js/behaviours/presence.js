// Says who else has this write-up open, and tells them the same of us while the page is looked at.

const EVERY_MS = 30_000; // a page that was closed without a word counts for three of them

export default function presence(place) {
  const token = () => document.querySelector("#write-up [name=csrf_token]").value;
  let shown = place.textContent.trim();

  async function tell() {
    if (document.visibilityState === "hidden") return;
    try {
      const response = await fetch(place.dataset.presence, { method: "POST", body: new URLSearchParams({ csrf_token: token() }), redirect: "error" });
      if (!response.ok) return;
      const html = await response.text(); // made by the server, like the page itself
      const part = document.createElement("template");
      part.innerHTML = html;
      const words = part.content.textContent.trim();
      if (words === shown) return; // a screen reader should not hear the same again
      shown = words;
      place.replaceChildren(part.content);
    } catch { /* the next one may get through */ }
  }

  tell();
  setInterval(tell, EVERY_MS);
  document.addEventListener("visibilitychange", tell);
  addEventListener("pageshow", (event) => { if (event.persisted) tell(); });
  addEventListener("pagehide", () => {
    navigator.sendBeacon(place.dataset.presence, new URLSearchParams({ csrf_token: token(), leave: "1" }));
  });
}
