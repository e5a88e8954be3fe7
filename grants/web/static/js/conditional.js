// Shows a question only when the answers so far ask it: data-shown-if="question:value|value".
// What was typed into a question that is hidden again stays where it is.
function answers(form, name) {
  return [...form.elements]
    .filter((each) => each.name === name)
    .map((each) => {
      if (each.type === "checkbox" || each.type === "radio") return each.checked ? each.value : null;
      return each.value;
    });
}

function update(form) {
  // In document order, so that a question below a hidden one is hidden with it.
  for (const place of form.querySelectorAll("[data-shown-if]")) {
    const cut = place.dataset.shownIf.indexOf(":");
    const name = place.dataset.shownIf.slice(0, cut);
    const wanted = place.dataset.shownIf.slice(cut + 1).split("|");
    const parent = form.querySelector(`[name="${CSS.escape(name)}"]`)?.closest("[data-shown-if]");
    const given = answers(form, name);
    place.hidden = Boolean(parent?.hidden) || !wanted.some((value) => given.includes(value));
  }
}

export function start() {
  const forms = [...document.querySelectorAll("[data-shown-if]")].map((each) => each.closest("form"));
  for (const form of new Set(forms)) {
    if (!form) continue;
    form.addEventListener("change", () => update(form));
    update(form);
  }
}
