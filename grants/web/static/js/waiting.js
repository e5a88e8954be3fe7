// Something is being made elsewhere: look again until it is there, and only change that part.
const EVERY_MS = 1500;

export function start() {
  const place = document.querySelector("[data-waiting]");
  if (place?.dataset.waiting) setTimeout(() => look(place), EVERY_MS);
}

async function look(place) {
  if (document.hidden) return setTimeout(() => look(place), EVERY_MS);
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-waiting]");
    if (!fresh) return;
    if (fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
    if (fresh.dataset.waiting) setTimeout(() => look(place), EVERY_MS);
  } catch {
    setTimeout(() => look(place), EVERY_MS * 4);
  }
}
