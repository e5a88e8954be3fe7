// Adds up the columns of a budget while it is typed, and adds lines without asking the server.
// The server counts again: what stands here is for the eye only.
function amount(typed) {
  let text = typed.replace(/[\s'\u2019]/g, "");
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma > point && (point >= 0 || text.length - comma !== 4)) {
    text = text.replace(/\./g, "").replace(",", ".");
  }
  const value = Number(text.replace(/,/g, ""));
  return Number.isFinite(value) ? value : 0;
}

// Where a line has a quantity and a unit cost, its total is their product.
function multiply(table) {
  for (const place of table.querySelectorAll("[data-line]")) {
    const factors = [...place.closest("tr").querySelectorAll("[data-factor]")];
    const isFilled = factors.every((each) => each.value.trim());
    const product = isFilled ? factors.reduce((whole, each) => whole * amount(each.value), 1) : 0;
    place.value = product ? shown(product, Number(place.dataset.line)) : "";
  }
}

function shown(value, places) {
  return value.toLocaleString(`${document.documentElement.lang}-u-nu-latn`, {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
}

function addUp(table) {
  multiply(table);
  for (const place of table.querySelectorAll("[data-total]")) {
    const cells = table.querySelectorAll(`[data-column="${place.dataset.total}"]`);
    const sum = [...cells].reduce((whole, cell) => whole + amount(cell.value), 0);
    const places = (place.dataset.places ??= String(place.textContent.match(/[.,](\d{1,3})\s*$/)?.[1].length ?? 0));
    place.textContent = shown(sum, Number(places));
  }
}

function addLine(table) {
  const rows = table.tBodies[0].rows;
  const last = rows[rows.length - 1];
  const copy = last.cloneNode(true);
  const from = rows.length - 1;
  copy.classList.remove("row-bad");
  for (const each of copy.querySelectorAll(".error")) each.remove();
  for (const control of copy.querySelectorAll("input, select")) {
    control.name = control.name.replace(`-${from}-`, `-${from + 1}-`);
    control.id = control.id.replace(`-${from}-`, `-${from + 1}-`);
    const label = control.getAttribute("aria-label");
    control.setAttribute("aria-label", label.replace(String(from + 1), String(from + 2)));
    control.removeAttribute("aria-invalid");
    control.value = "";
  }
  for (const place of copy.querySelectorAll("output")) place.value = "";
  last.after(copy);
  return copy;
}

export function start() {
  for (const table of document.querySelectorAll("[data-budget]")) {
    table.addEventListener("input", () => addUp(table));
    const name = CSS.escape(table.dataset.budget);
    const button = table.closest("form")?.querySelector(`[name="add_row"][value="${name}"]`);
    button?.addEventListener("click", (event) => {
      event.preventDefault();
      addLine(table).querySelector("input, select").focus();
    });
    addUp(table);
  }
}
