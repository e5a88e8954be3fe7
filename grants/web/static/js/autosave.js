// Saves what is typed while it is typed, so that nothing is lost: first on this device, then on the
// server. What the server has not confirmed stays on the device and is offered at the next visit.
const PAUSE_MS = 1200;
const RETRY_MS_MAX = 60000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.key = `autosave:${this.url}`;
    this.place = form.querySelector("[data-saved]");
    this.changed = new Map();
    this.tries = 0;
    this.timer = 0;
    this.isSending = false;
  }

  start() {
    for (const kind of ["input", "change"]) {
      this.form.addEventListener(kind, (event) => this.note(event.target));
    }
    addEventListener("online", () => this.send());
    addEventListener("pagehide", () => this.sendLast());
    document.addEventListener("visibilitychange", () => document.hidden && this.sendLast());
    this.offer();
  }

  // The values of a control's name as the form would send them; unticked boxes are an empty value.
  values(name) {
    const controls = [...this.form.elements].filter((each) => each.name === name);
    const given = controls
      .filter((each) => !["checkbox", "radio"].includes(each.type) || each.checked)
      .map((each) => each.value);
    return given.length ? given : [""];
  }

  note(control) {
    if (!control.name || ["file", "password", "hidden", "submit"].includes(control.type)) return;
    // The lines of a budget are one answer and are sent together.
    const table = control.closest("[data-budget]");
    const names = table
      ? [...table.querySelectorAll("[name]")].map((each) => each.name)
      : [...(control.closest(".field")?.querySelectorAll("[name]") ?? [control])].map((each) => each.name);
    for (const name of new Set(names)) this.changed.set(name, this.values(name));
    this.keep();
    this.later(PAUSE_MS);
  }

  keep() {
    try {
      if (this.changed.size) localStorage.setItem(this.key, JSON.stringify([...this.changed]));
      else localStorage.removeItem(this.key);
    } catch {
      // No room, or storage is switched off: the server's copy is then the only one.
    }
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  body(sent) {
    const body = new URLSearchParams();
    for (const name of ["csrf_token", "version"]) {
      const control = this.form.elements[name];
      if (control) body.append(name, control.value);
    }
    for (const [name, values] of sent) for (const value of values) body.append(name, value);
    return body;
  }

  async send() {
    if (this.isSending || !this.changed.size) return;
    this.isSending = true;
    clearTimeout(this.timer);
    this.say(this.place?.dataset.saving, "is-saving");
    const sent = new Map(this.changed);
    try {
      const response = await fetch(this.url, {
        method: "POST",
        body: this.body(sent),
        headers: { "X-Autosave": "1", Accept: "application/json" },
        redirect: "error",
      });
      await this.hear(response, sent);
    } catch {
      this.retry();
    }
    this.isSending = false;
  }

  async hear(response, sent) {
    if (response.status >= 500 || response.status === 429) return this.retry();
    const answer = await response.json();
    if (!response.ok) return this.say(answer.error, "is-waiting");
    for (const [name, values] of sent) {
      if (String(this.changed.get(name)) === String(values)) this.changed.delete(name);
    }
    this.tries = 0;
    this.keep();
    if (answer.version !== undefined && this.form.elements.version) {
      this.form.elements.version.value = answer.version;
    }
    this.say(answer.text ?? answer.saved_at, "");
    if (this.changed.size) this.later(PAUSE_MS);
  }

  retry() {
    this.tries += 1;
    this.say(this.place?.dataset.waiting, "is-waiting");
    this.later(Math.min(2000 * 2 ** (this.tries - 1), RETRY_MS_MAX));
  }

  sendLast() {
    if (!this.changed.size) return;
    const headers = { "X-Autosave": "1", Accept: "application/json" };
    fetch(this.url, { method: "POST", body: this.body(this.changed), headers, keepalive: true })
      .then((response) => this.hear(response, new Map(this.changed)))
      .catch(() => {});
  }

  say(words, state) {
    if (!this.place || !words) return;
    this.place.textContent = words;
    this.place.className = `saved ${state}`;
  }

  offer() {
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(this.key) || "[]");
    } catch {
      return;
    }
    const differing = kept.filter(([name, values]) => String(this.values(name)) !== String(values));
    if (!differing.length) return this.keep();
    const bar = document.createElement("div");
    bar.className = "restore";
    bar.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.textContent = this.form.dataset.offer;
    bar.append(words);
    const close = (action) => () => {
      bar.remove();
      action();
    };
    bar.append(
      button(this.form.dataset.restore, close(() => this.putBack(differing))),
      button(this.form.dataset.discard, close(() => this.keep())),
    );
    this.form.prepend(bar);
  }

  putBack(kept) {
    for (const [name, values] of kept) {
      for (const control of [...this.form.elements].filter((each) => each.name === name)) {
        if (["checkbox", "radio"].includes(control.type)) control.checked = values.includes(control.value);
        else control.value = values[0];
        control.dispatchEvent(new Event("input", { bubbles: true }));
        control.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  }
}

function button(label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-secondary button-small";
  made.textContent = label;
  made.addEventListener("click", action);
  return made;
}

export function start() {
  for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form).start();
}
