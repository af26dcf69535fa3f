// One phone: a person's chat with the bot, its input line and its menus.

import { bubble, daySeparator, icon, make } from "./bubbles.js";
import { dayKey } from "./times.js";
import { label, spoken, word } from "./words.js";

const ATTACHMENTS = ["photo", "location", "voice", "contact", "document"];
const TOAST_SECONDS = 3.5;
const FLASH_SECONDS = 1.4;

export class Phone {
  /** `post(verb, body)` sends to the control API; `changed()` is called when the number of unread messages is another. */
  constructor(person, post, changed, close) {
    this.person = person;
    this.chat = person.id;
    this.chats = [];
    this.messages = new Map();
    this.unread = 0;
    this.atEnd = true;
    this.changed = changed;
    this.post = (verb, body = {}) => this.sent(post(verb, { user: person.id, chat: this.chat, ...body }));
    this.element = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.find(".close").addEventListener("click", close);
    this.wire();
    this.stayAtEnd();
    this.relabel();
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  wire() {
    const input = this.find("textarea");
    this.find("form").addEventListener("submit", (event) => this.submit(event));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
    });
    input.addEventListener("input", () => this.grow());
    this.find(".start").addEventListener("click", () => this.post("say", { text: "/start" }));
    this.find(".chats").addEventListener("change", (event) => this.open(Number(event.target.value)));
    this.menu(".open-commands", ".commands", () => this.commands());
    this.find(".own-file").addEventListener("change", (event) => this.sendFile(event.target));
    this.menu(".open-attach", ".attach", () => this.attachments());
    for (const kind of ["focusin", "pointerdown"]) this.element.addEventListener(kind, () => this.read());
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.closeMenus());
    document.addEventListener("pointerdown", (event) => {
      const inside = event.target.closest(".menu, [aria-expanded]");
      if (!inside || !this.element.contains(inside)) this.closeMenus();
    });
  }

  async sent(answer) {
    const { ok, why } = await answer;
    if (!ok) this.toast(`${word("refused")}: ${why}`, false);
  }

  submit(event) {
    event.preventDefault();
    const input = this.find("textarea");
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    this.grow();
    this.post("say", { text });
  }

  /** Put a line into the input, to be read and sent. */
  fill(text) {
    const input = this.find("textarea");
    input.value = text;
    this.grow();
    input.focus();
  }

  grow() {
    const input = this.find("textarea");
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 120)}px`;
  }

  // Menus

  menu(opener, list, items) {
    this.find(opener).addEventListener("click", () => {
      const wasOpen = !this.find(list).hidden;
      this.closeMenus();
      if (wasOpen) return;
      this.find(list).replaceChildren(...items());
      this.find(list).hidden = false;
      this.find(opener).setAttribute("aria-expanded", "true");
      this.find(`${list} button`)?.focus();
    });
  }

  closeMenus() {
    for (const list of this.element.querySelectorAll(".menu")) list.hidden = true;
    for (const opener of this.element.querySelectorAll("[aria-expanded]")) opener.setAttribute("aria-expanded", "false");
  }

  commands() {
    const items = this.person.commands.map(([command, description]) =>
      this.item([make("b", "", `/${command}`), make("span", "", description)], "say", { text: `/${command}` }),
    );
    return items.length ? items : [make("p", "", word("noCommands"))];
  }

  attachments() {
    const samples = ATTACHMENTS.map((kind) => this.item([icon(kind), make("span", "", word(kind))], kind));
    const own = [icon("document"), make("span", "", word("ownFile"))];
    return [...samples, this.doing(own, () => this.find(".own-file").click())];
  }

  item(content, verb, body) {
    return this.doing(content, () => this.post(verb, body));
  }

  doing(content, run) {
    const button = make("button");
    button.type = "button";
    button.append(...content);
    button.addEventListener("click", () => {
      this.closeMenus();
      this.find("textarea").focus();
      run();
    });
    return button;
  }

  /** A file of one's own goes to the bot as it is, such as a list to be imported. */
  sendFile(chooser) {
    const [file] = chooser.files;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const content = reader.result.slice(reader.result.indexOf(",") + 1);
      this.post("document", { name: file.name, mime: file.type, content });
    });
    reader.readAsDataURL(file);
    chooser.value = "";
  }

  /** Keep the newest message in sight while the phone changes its size, unless somebody scrolled up. */
  stayAtEnd() {
    const log = this.find(".log");
    const size = () => `${log.clientWidth}x${log.clientHeight}`;
    let known = "";
    log.addEventListener("scroll", () => {
      if (size() === known) this.atEnd = this.nearEnd();
    });
    new ResizeObserver(() => {
      known = size();
      if (this.atEnd) this.end();
    }).observe(log);
  }

  nearEnd() {
    const log = this.find(".log");
    return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  }

  /** Bring something into sight, and leave it there while the phone changes its size. */
  scrollTo(target) {
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.atEnd = this.nearEnd();
  }

  // What is shown

  relabel() {
    label(this.element);
    this.element.setAttribute("aria-label", word("phoneOf")(this.person.name));
    this.find(".face").textContent = this.person.name.slice(0, 1);
    this.find(".face").style.setProperty("--hue", String((this.person.id * 67) % 360));
    this.find("h2").textContent = this.person.name;
    this.find(".who p").textContent = (spoken() === "en" && this.person.role_en) || this.person.role;
    this.closeMenus();
    this.draw();
  }

  /** Take in people, chats and changed messages; `first` when this is old news, which is not unread. */
  update(person, chats, messages, first) {
    this.person = person;
    this.listChats(chats);
    for (const message of messages) this.take(message, first);
    this.showKeys(chats.find((each) => each.id === this.chat)?.keys ?? []);
    this.find(".start").hidden = this.shown().length > 0;
    this.find("form").hidden = !this.find(".start").hidden;
  }

  take(message, first) {
    const chat = this.messages.get(message.chat) ?? this.messages.set(message.chat, new Map()).get(message.chat);
    const known = chat.get(message.id);
    if (message.deleted) chat.delete(message.id);
    else chat.set(message.id, message);
    if (message.chat === this.chat) this.place(message, known);
    if (!first && !known && message.by_bot) this.count();
  }

  listChats(chats) {
    const key = (list) => list.map((each) => each.id).join();
    if (key(chats) === key(this.chats)) return;
    this.chats = chats;
    const select = this.find(".chats");
    select.replaceChildren(...chats.map((each) => new Option(each.title ?? this.person.name, each.id)));
    select.value = this.chat;
    select.hidden = chats.length < 2;
  }

  /** The keyboard that the bot put in place of the letters: its keys are typed, or share one's own contact. */
  showKeys(rows) {
    const own = { name: this.person.name, contact_id: this.person.id };
    const lines = rows.map((row) => {
      const line = make("div", "row");
      for (const [text, contact] of row) {
        const press = () => (contact ? this.post("contact", own) : this.post("say", { text }));
        const key = make("button", "", text);
        key.type = "button";
        key.addEventListener("click", press);
        line.append(key);
      }
      return line;
    });
    this.find(".keys").replaceChildren(...lines);
    this.find(".keys").hidden = lines.length === 0;
  }

  open(chat) {
    this.chat = chat;
    this.draw();
  }

  shown() {
    return [...(this.messages.get(this.chat)?.values() ?? [])].sort((a, b) => a.id - b.id);
  }

  draw() {
    this.find(".log").replaceChildren();
    for (const message of this.shown()) this.place(message);
    this.badge();
  }

  place(message, known) {
    const log = this.find(".log");
    const old = log.querySelector(`.message[data-id="${message.id}"]`);
    if (message.deleted) {
      old?.remove();
      return;
    }
    const made = this.built(message);
    if (old) {
      old.replaceWith(made);
      if (known && message.edits > known.edits) this.flash(made);
    } else {
      this.append(log, message, made);
    }
    if (this.atEnd || !message.by_bot) this.end();
  }

  flash(made) {
    made.classList.add("flash");
    setTimeout(() => made.classList.remove("flash"), FLASH_SECONDS * 1000);
  }

  append(log, message, made) {
    const last = [...log.querySelectorAll(".day")].at(-1);
    if (last?.dataset.day !== dayKey(message.at)) log.append(daySeparator(message.at));
    log.append(made);
  }

  built(message) {
    const hands = {
      say: (text) => this.post("say", { text }),
      press: (messageId, data) => this.post("press", { message_id: messageId, data }),
    };
    return bubble(message, message.sender === this.person.id, hands, this.chat < 0);
  }

  toast(text, alert) {
    const box = make("div", alert ? "toast alert" : "toast", text);
    if (alert) {
      const button = make("button", "", word("good"));
      button.type = "button";
      button.addEventListener("click", () => box.remove());
      box.append(button);
    } else {
      setTimeout(() => box.remove(), TOAST_SECONDS * 1000);
    }
    this.find(".toasts").append(box);
  }

  // Unread

  count() {
    if (this.element.contains(document.activeElement) && document.hasFocus()) return;
    this.unread += 1;
    this.badge();
  }

  read() {
    if (!this.unread) return;
    this.unread = 0;
    this.badge();
  }

  badge() {
    const badge = this.find(".unread");
    badge.hidden = this.unread === 0;
    badge.textContent = String(this.unread);
    badge.setAttribute("aria-label", word("unread")(this.unread));
    this.changed();
  }

  end() {
    const log = this.find(".log");
    log.scrollTop = log.scrollHeight;
  }
}
