// The clock bar: the simulated time, the buttons that move it, and what it will do next.

import { make } from "./bubbles.js";
import { clockTime, longDay, shortDay } from "./times.js";
import { spoken, word } from "./words.js";

const REFRESH_SECONDS = 10;
const narrow = matchMedia("(max-width: 700px)");
const find = (id) => document.getElementById(id);

export class Clock {
  /** `call(path, body)` asks the control API, `moved(why)` hears that a move ended, and why it failed; the clock goes on by itself between two answers. */
  constructor(call, moved) {
    this.call = call;
    this.moved = moved;
    this.known = null;
    this.readAt = 0;
    this.asking = false;
    for (const button of document.querySelectorAll(".moves [data-seconds], .moves [data-to]")) {
      button.addEventListener("click", () => this.move(button.dataset));
    }
    find("coming-toggle").addEventListener("click", () => this.toggle());
  }

  /** Something happened: ask again; the first time this brings the bar in. */
  follow() {
    if (find("clock").hidden) {
      find("clock").hidden = false;
      find("coming").hidden = false;
      setInterval(() => this.show(), 1000);
      setInterval(() => this.refresh(), REFRESH_SECONDS * 1000);
    }
    this.refresh();
  }

  toggle() {
    const open = document.body.classList.toggle("coming-open");
    find("coming-toggle").setAttribute("aria-expanded", String(open));
  }

  async refresh() {
    if (this.asking) return;
    this.asking = true;
    this.take(await this.call(`clock?language=${spoken()}`));
    this.asking = false;
  }

  async move({ seconds, to }) {
    this.busy(true);
    const answer = await this.call("clock", { ...(to ? { to } : { seconds: Number(seconds) }), language: spoken() });
    this.take(answer);
    this.busy(false);
    this.moved(answer.ok ? "" : answer.why);
  }

  busy(on) {
    find("clock").setAttribute("aria-busy", String(on));
    for (const button of document.querySelectorAll(".moves [data-seconds], .moves [data-to]")) button.disabled = on;
  }

  take({ ok, result }) {
    if (!ok) return;
    this.known = result;
    this.readAt = performance.now();
    this.show();
    this.list();
  }

  show() {
    if (!this.known) return;
    const now = Date.parse(this.known.now) + performance.now() - this.readAt;
    find("day").textContent = narrow.matches ? shortDay(now) : longDay(now);
    find("time").textContent = clockTime(now);
  }

  list() {
    const items = (this.known?.upcoming ?? []).map((due) => {
      const item = make("li");
      const when = make("time", "", `${shortDay(due.at)} ${clockTime(due.at)}`);
      when.dateTime = due.at;
      item.append(when, make("span", "", due.text), make("small", "", due.who));
      return item;
    });
    find("due").replaceChildren(...(items.length ? items : [make("li", "none", word("nothing"))]));
  }

  relabel() {
    this.show();
    if (this.known) this.refresh();
  }
}
