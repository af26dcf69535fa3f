// Messages as bubbles. Text from outside only ever becomes text nodes; formatting is built from entities.

import { clockTime, dayKey, shortDay } from "./times.js";
import { word } from "./words.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
  spoiler: "span",
  bot_command: "button",
  text_link: "a",
  url: "a",
  phone_number: "a",
};

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Build formatted text: `entities` are sorted from outside in, offsets count UTF-16 units as strings do here. */
function rich(text, entities, onCommand, from = 0, to = text.length) {
  const built = document.createDocumentFragment();
  let at = from;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const end = entity.offset + entity.length;
    if (entity.offset < at || end > to) continue;
    built.append(text.slice(at, entity.offset));
    const inner = entities.slice(i + 1).filter((each) => each.offset + each.length <= end);
    const element = dressed(entity, text.slice(entity.offset, end), onCommand);
    element.append(rich(text, inner, onCommand, entity.offset, end));
    built.append(element);
    at = end;
  }
  built.append(text.slice(at, to));
  return built;
}

function dressed(entity, covered, onCommand) {
  const element = make(TAGS[entity.type] ?? "span", entity.type.replaceAll("_", "-"));
  if (entity.type === "bot_command") {
    element.type = "button";
    element.addEventListener("click", () => onCommand(covered));
  }
  if (entity.type === "phone_number") element.href = `tel:${covered.replaceAll(/[^\d+]/g, "")}`;
  if (entity.type === "url" || entity.type === "text_link") link(element, entity.url ?? covered);
  return element;
}

function link(element, address) {
  if (!/^https?:\/\//i.test(address)) return;
  element.href = address;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
}

function attachment(given) {
  const box = make(["photo", "document"].includes(given.kind) ? "a" : "div", `attachment ${given.kind}`);
  const address = given.file_id && `/sim/file/${encodeURIComponent(given.file_id)}`;
  if (given.kind === "photo") {
    const image = make("img");
    image.src = address;
    image.alt = word("photo");
    link(box, new URL(address, location.href).href);
    box.append(image);
    return box;
  }
  if (given.kind === "document") {
    box.href = address;
    box.download = given.note;
  }
  const sign = make("span", "sign");
  sign.append(icon(given.kind));
  const what = make("span", "what");
  if (given.kind === "voice") what.append(make("i", "wave"));
  what.append(make("b", "", given.kind === "document" ? given.note : word(given.kind)));
  what.append(make("small", "", given.kind === "document" ? `${word("document")} ${size(given.size)}` : given.note));
  box.append(sign, what);
  return box;
}

const size = (bytes) => (bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

function keyboard(message, onPress) {
  const rows = make("div", "keyboard");
  for (const row of message.buttons) {
    const line = make("div", "row");
    for (const button of row) line.append(button.url ? linkButton(button) : pressButton(message, button, onPress));
    rows.append(line);
  }
  return rows;
}

function pressButton(message, button, onPress) {
  const element = make("button", "key", button.text);
  element.type = "button";
  element.addEventListener("click", () => {
    element.classList.add("pressed");
    setTimeout(() => element.classList.remove("pressed"), 900);
    onPress(message.id, button.data);
  });
  return element;
}

function linkButton(button) {
  const element = make("a", "key", `${button.text} ↗`);
  link(element, button.url);
  return element;
}

function stamp(message) {
  const line = make("span", "stamp");
  if (message.edits && message.by_bot) line.append(make("i", "", word("edited")));
  const time = make("time", "", clockTime(message.at));
  time.dateTime = message.at;
  line.append(time);
  return line;
}

/** One message; `hands` has press(messageId, data) and say(text); `mine` is whether this phone sent it. */
export function bubble(message, mine, hands, group = false) {
  const item = make("div", `message ${mine ? "mine" : "theirs"}`);
  item.dataset.id = message.id;
  const body = make("div", "bubble");
  if (group && !mine) body.append(make("b", "author", message.name));
  if (message.attachment) body.append(attachment(message.attachment));
  if (message.text) {
    const text = make("div", "text");
    text.dir = "auto";
    text.append(rich(message.text, message.entities, hands.say));
    body.append(text);
  }
  body.append(stamp(message));
  item.append(body);
  if (message.buttons.length) item.append(keyboard(message, hands.press));
  return item;
}

export function daySeparator(moment) {
  const line = make("div", "day", shortDay(moment));
  line.dataset.day = dayKey(moment);
  return line;
}
