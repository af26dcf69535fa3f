// The guided tour: seven things for a newcomer to do, each noticed when it was done.

import { spoken, word } from "./words.js";

/** What the bot's buttons are called, in both of its languages. */
const LABELS = {
  save: ["保存", "Save"],
  customer: ["客户卡", "Customer"],
  ack: ["确认收到", "全部确认收到", "Acknowledge", "Acknowledge all"],
  arrive: ["到场处理", "On site"],
  justNow: ["刚才", "Just now"],
};
const SALESPERSON = 0;
const HEAD = 1;

/**
 * `who` is the phone it happens on, `line` what can be typed there, `target` what to highlight;
 * `done` tells from what the bot wrote since the step began.
 */
const STEPS = [
  {
    name: "log",
    who: SALESPERSON,
    line: "logLine",
    target: (tour) => tour.line(),
    done: (tour) => tour.news().some((each) => has(each, "save")),
  },
  {
    name: "save",
    who: SALESPERSON,
    target: (tour) => tour.key("save"),
    done: (tour) => tour.news().some((each) => /LX-\d/.test(each.text)),
  },
  {
    name: "look",
    who: SALESPERSON,
    target: (tour) => tour.key("customer"),
    done: (tour) => tour.news().length > 0,
  },
  {
    name: "complain",
    who: SALESPERSON,
    line: "complainLine",
    target: (tour) => tour.key("save", tour.news()) ?? tour.line(),
    done: (tour) => tour.news().some((each) => tour.learnNumber(each)),
  },
  {
    name: "wait",
    who: HEAD,
    target: () => document.querySelector(".moves [data-seconds='86400']"),
    done: (tour) => find("clock").ariaBusy !== "true" && tour.news().some((each) => tour.asks(each)),
  },
  {
    name: "ack",
    who: HEAD,
    target: (tour) => tour.key("ack", tour.shown().filter((each) => tour.asks(each))),
    done: (tour) => tour.news().some((each) => each.edits > 0 && each.text.includes(tour.number) && !has(each, "save")),
  },
  {
    name: "arrive",
    who: SALESPERSON,
    target: (tour) =>
      tour.key("save", tour.news()) ??
      tour.key("justNow", tour.news()) ??
      tour.key("arrive", tour.shown().filter((each) => each.text.includes(tour.number))),
    done: (tour) => tour.news().some((each) => each.edits > 0 && each.text.includes(tour.number) && !has(each, "save")),
  },
];

const has = (message, label) => message.buttons.flat().some((each) => LABELS[label].includes(each.text));
const find = (id) => document.getElementById(id);

export class Tour {
  /** `phoneOf(n)` opens, brings to the front and returns the nth pinned person's phone. */
  constructor(phoneOf) {
    this.phoneOf = phoneOf;
    this.at = null;
    this.language = "zh";
    find("tour-open").addEventListener("click", () => this.begin());
    find("tour-leave").addEventListener("click", () => this.leave());
    find("tour-fill").addEventListener("click", () => this.fill());
  }

  begin() {
    this.number = "";
    if (this.language !== spoken()) {
      this.language = spoken();
      for (const who of [HEAD, SALESPERSON]) this.phoneOf(who).post("say", { text: `/lang ${this.language}` });
    }
    this.go(0);
  }

  leave() {
    this.at = null;
    this.mark(null);
    find("tour").hidden = true;
    find("tour-open").focus();
  }

  /** To the step `at`; after the last one stands the end. */
  go(at) {
    this.at = at;
    const who = STEPS[at]?.who ?? SALESPERSON;
    this.phone = this.phoneOf(who);
    this.before = new Map(this.shown().map((each) => [each.id, each.edits]));
    this.relabel();
  }

  relabel() {
    if (this.at === null) return;
    const step = STEPS[this.at];
    find("tour").hidden = false;
    find("tour-count").textContent = step ? `${this.at + 1}/${STEPS.length}` : "✓";
    const names = [SALESPERSON, HEAD].map((who) => this.phoneOf(who, false).person.name);
    find("tour-text").textContent = word("tourSteps")[step?.name ?? "end"](...names);
    find("tour-fill").hidden = !step?.line;
    find("tour-leave").textContent = word(step ? "tourLeave" : "tourEnd");
    this.look();
  }

  /** Something may have changed: go on when the step was done, else show again where to do it. */
  look() {
    const step = STEPS[this.at];
    if (step?.done(this)) this.go(this.at + 1);
    else this.mark(step?.target(this));
  }

  mark(target) {
    for (const each of document.querySelectorAll(".touring")) if (each !== target) each.classList.remove("touring");
    if (!target || target.classList.contains("touring")) return;
    target.classList.add("touring");
    this.phone.scrollTo(target);
  }

  fill() {
    this.phone.fill(word(STEPS[this.at].line));
    this.look();
  }

  // What a step looks at

  shown() {
    return this.phone.shown();
  }

  /** What the bot wrote or changed since the step began. */
  news() {
    return this.shown().filter((each) => each.by_bot && each.edits !== this.before.get(each.id));
  }

  learnNumber(message) {
    const found = /TS-\d{4}-\d+/.exec(message.text);
    if (!found || has(message, "save")) return false;
    this.number = found[0];
    return true;
  }

  /** Whether it asks to acknowledge the complaint of this tour. */
  asks(message) {
    return has(message, "ack") && message.text.includes(this.number);
  }

  /** The line to type in, then the button that sends it. */
  line() {
    return this.phone.find(this.phone.find("textarea").value ? ".send" : "textarea");
  }

  /** The newest button of that name on the phone, on one of the messages. */
  key(label, messages = this.shown()) {
    const newest = messages.findLast((each) => has(each, label));
    const keys = newest ? [...this.phone.element.querySelectorAll(`.message[data-id="${newest.id}"] .key`)] : [];
    return keys.find((each) => LABELS[label].includes(each.textContent));
  }
}
