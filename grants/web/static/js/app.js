// The one script of every page. It brings in the others only where the page has use for them;
// without any of them each page works.
const parts = {
  "form[data-autosave]": "autosave",
  "[data-words-max]": "wordcount",
  "[data-shown-if]": "conditional",
  "[data-budget]": "budget",
  "[data-bulk]": "select",
  "[data-waiting]": "waiting",
};
for (const [selector, name] of Object.entries(parts)) {
  if (document.querySelector(selector)) import(`./${name}.js`).then((part) => part.start());
}
import("./shortcuts.js").then((part) => part.start());

document.querySelector("[data-focus]")?.focus();

// On a narrow screen the navigation scrolls: begin where the person is.
for (const here of document.querySelectorAll(".desk-nav [aria-current], .tabs [aria-current]")) {
  const list = here.closest("nav");
  list.scrollLeft = here.offsetLeft - list.offsetLeft - (list.clientWidth - here.offsetWidth) / 2;
}

for (const choice of document.querySelectorAll("[data-theme-choice]")) {
  choice.addEventListener("click", (event) => {
    event.preventDefault();
    const theme = choice.dataset.themeChoice;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `theme=${theme || "auto"};path=/;max-age=31536000;samesite=lax${secure}`;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const each of document.querySelectorAll("[data-theme-choice]")) {
      if (each === choice) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
  });
}
