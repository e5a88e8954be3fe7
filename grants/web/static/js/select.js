// Selection of table rows: all at once, a range with Shift, and how many are selected.
export function start() {
  for (const form of document.querySelectorAll("[data-bulk]")) {
    const all = form.querySelector("[data-tick-all]");
    const ticks = [...form.querySelectorAll("td.tick input")];
    const count = form.querySelector("[data-bulk-count]");
    const bar = form.querySelector(".bulk-bar");
    const words = count.textContent;
    let last = null;
    const update = () => {
      const chosen = ticks.filter((each) => each.checked).length;
      count.textContent = chosen ? count.dataset.words.replace("{n}", chosen) : words;
      bar.classList.toggle("is-live", chosen > 0);
      if (all) {
        all.checked = chosen > 0 && chosen === ticks.length;
        all.indeterminate = chosen > 0 && chosen < ticks.length;
      }
    };
    for (const tick of ticks) {
      tick.addEventListener("click", (event) => {
        if (event.shiftKey && last) {
          const [from, to] = [ticks.indexOf(last), ticks.indexOf(tick)].sort((a, b) => a - b);
          for (const each of ticks.slice(from, to + 1)) each.checked = tick.checked;
        }
        last = tick;
        update();
      });
    }
    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => {
        for (const each of ticks) each.checked = all.checked;
        update();
      });
    }
    update();
  }
}
