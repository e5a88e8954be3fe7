// Counts words as the server does (grants/web/kit/words.py): maximal runs of non-white space, where
// white space is what Python's str.split() splits at. Keep the three in step.
const WORD = /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

export function countWords(text) {
  return (text.match(WORD) || []).length;
}

export function start() {
  const language = document.documentElement.lang;
  const show = (number) => number.toLocaleString(`${language}-u-nu-latn`);
  for (const area of document.querySelectorAll("[data-words-max]")) {
    const place = document.getElementById(`${area.id}-count`);
    const most = Number(area.dataset.wordsMax);
    const update = () => {
      const words = countWords(area.value);
      place.textContent = place.dataset.words.replace("{n}", show(words)).replace("{m}", show(most));
      place.classList.toggle("counter-over", words > most);
      // Spoken only when the limit is near, so that it does not interrupt the writing.
      if (words > most * 0.9) place.setAttribute("role", "status");
      else place.removeAttribute("role");
    };
    area.addEventListener("input", update);
    update();
  }
}
