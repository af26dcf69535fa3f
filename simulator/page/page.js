// The page: asks the control API what changed, and keeps the phones, the tabs and the clock in step with it.

import { make } from "./bubbles.js";
import { Clock } from "./clock.js";
import { Phone } from "./phone.js";
import { learnOffset } from "./times.js";
import { Tour } from "./tour.js";
import { label, switchLanguage, word } from "./words.js";

const WAIT_SECONDS = 25;
const RETRY_MS = 1000;
const FIRST_PHONES = 4;
const find = (id) => document.getElementById(id);

const phones = new Map();
const history = new Map(); // all messages so far, for phones that are opened later
const clock = new Clock(call, moved);
const tour = new Tour(phoneOf);
let people = new Map();
let chats = [];
let version = 0;
let boot = null;
let current = null;

/** GET without a body, else POST; answers {ok, result} or {ok: false, why}. */
async function call(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    const answer = await (await fetch(`/sim/${path}`, options)).json();
    return { ...answer, why: answer.description };
  } catch {
    return { ok: false, why: word("unreachable") };
  }
}

/** A move of the clock ended; when it failed, a line above the phones says so until the next one. */
function moved(why) {
  find("trouble").textContent = why && word("clockStuck")(why);
  find("trouble").hidden = !why;
  tour.look();
}

async function follow() {
  for (;;) {
    try {
      const wait = version ? WAIT_SECONDS : 0;
      const answer = await fetch(`/sim/state?since=${version}&wait=${wait}`);
      if (!answer.ok) throw new Error(answer.statusText);
      take(await answer.json());
      find("offline").hidden = true;
    } catch {
      find("offline").hidden = false;
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

function take(state) {
  if (boot && boot !== state.boot) {
    location.reload(); // another server: begin anew
    return;
  }
  const first = boot === null;
  boot = state.boot;
  version = state.version;
  if (state.now) learnOffset(state.now);
  people = new Map(state.people.map((each) => [each.id, each]));
  chats = state.chats;
  for (const message of state.messages) history.set(`${message.chat}/${message.id}`, message);
  openFirst();
  for (const phone of phones.values()) show(phone, state.messages, first);
  if (!first) for (const toast of state.toasts) phones.get(toast.user_id)?.toast(toast.text, toast.alert);
  if (state.now) clock.follow();
  find("tour-open").hidden = !state.now || pinned().length < 2;
  tour.look();
}

function show(phone, messages, first) {
  const own = chats.filter((each) => each.members.includes(phone.person.id));
  const ids = new Set(own.map((each) => each.id));
  const fresh = messages.filter((message) => ids.has(message.chat));
  phone.update(people.get(phone.person.id), own, fresh, first);
}

// Which phones lie on the table

const remembered = () => JSON.parse(sessionStorage.getItem(`phones ${boot}`) ?? "null");
const remember = () => sessionStorage.setItem(`phones ${boot}`, JSON.stringify([...phones.keys()]));

const pinned = () => [...people.values()].filter((each) => each.pinned);

/** The nth pinned person's phone, opened where it is not, and brought to the front unless told not to. */
function phoneOf(n, front = true) {
  const person = pinned()[n];
  open(person);
  if (front) select(person.id);
  return phones.get(person.id);
}

/** Open the phones of last time; until somebody chose, the pinned people's, or the first four. */
function openFirst() {
  const usual = (pinned().length ? pinned() : [...people.values()]).slice(0, FIRST_PHONES).map((each) => each.id);
  for (const id of remembered() ?? usual) if (people.has(id)) open(people.get(id));
  if (!phones.has(current)) select([...phones.keys()][0]);
}

function open(person) {
  if (phones.has(person.id)) return;
  const phone = new Phone(person, call, count, () => close(person.id));
  phones.set(person.id, phone);
  find("phones").append(phone.element);
  show(phone, [...history.values()].filter((each) => !each.deleted), true);
}

function close(id) {
  phones.get(id).element.remove();
  phones.delete(id);
  remember();
  select(current === id ? [...phones.keys()][0] : current);
}

function select(id) {
  current = id;
  for (const [each, phone] of phones) phone.element.classList.toggle("current", each === id);
  phones.get(id)?.read();
  count();
}

/** Draw the tabs of the narrow page with their badges, and the title. */
function count() {
  const tabs = [...phones.values()].map((phone) => {
    const tab = make("button", "", phone.person.name);
    tab.type = "button";
    tab.role = "tab";
    tab.setAttribute("aria-selected", String(phone.person.id === current));
    if (phone.unread) tab.append(make("span", "unread", String(phone.unread)));
    tab.addEventListener("click", () => select(phone.person.id));
    return tab;
  });
  find("tabs").replaceChildren(...tabs);
  const unread = [...phones.values()].reduce((sum, phone) => sum + phone.unread, 0);
  document.title = (unread ? `(${unread}) ` : "") + word("brand");
}

function listPeople() {
  const others = [...people.values()].filter((each) => !phones.has(each.id));
  const items = others.map((person) => {
    const button = make("button");
    button.type = "button";
    button.append(make("b", "", person.name), make("span", "", person.role));
    button.addEventListener("click", () => {
      togglePeople(false);
      open(person);
      remember();
      select(person.id);
      phones.get(person.id).element.scrollIntoView({ behavior: "smooth", inline: "end", block: "nearest" });
    });
    return button;
  });
  find("people").replaceChildren(...(items.length ? items : [make("p", "", word("everyone"))]));
}

function togglePeople(on) {
  if (on) listPeople();
  find("people").hidden = !on;
  find("add").setAttribute("aria-expanded", String(on));
}

function relabel() {
  label(document);
  find("language").textContent = word("other");
  for (const phone of phones.values()) phone.relabel();
  clock.relabel();
  tour.relabel();
  count();
}

find("add").addEventListener("click", () => togglePeople(find("people").hidden));
find("language").addEventListener("click", () => {
  switchLanguage();
  relabel();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && togglePeople(false));
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#people, #add")) togglePeople(false);
});
relabel();
follow();
