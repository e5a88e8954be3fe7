// Keys for people who work here all day. None is a bare letter, so none disturbs speech input:
// Ctrl+K search · Ctrl+Enter send the form · arrows move between the rows of a table · Esc closes.
function onKey(event) {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key === "k") {
    const search = document.querySelector("[data-shortcut]");
    if (!search) return;
    event.preventDefault();
    search.select();
  } else if (isCommand && event.key === "Enter") {
    const form = event.target.closest?.("form[method=post]");
    form?.requestSubmit(form.querySelector(".form-actions [type=submit]"));
  } else if (event.key === "Escape") {
    closeMenus(null);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const row = event.target.closest?.("a") && event.target.closest("tbody tr, .waiting-row");
    if (!row) return;
    const other = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    other?.querySelector("a")?.focus();
    event.preventDefault();
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
}
