// Times as the company's clock on the wall shows them: the simulated clock's own offset, not the browser's.

import { word } from "./words.js";

let offset = -new Date().getTimezoneOffset();

/** Learn the offset in minutes from an ISO time such as 2026-11-23T09:00:00+08:00. */
export function learnOffset(iso) {
  const zone = /([+-])(\d\d):?(\d\d)$/.exec(iso);
  if (zone) offset = (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3]));
  else if (iso.endsWith("Z")) offset = 0;
}

/** A date whose UTC fields are the wall clock's. */
const wall = (moment) => new Date(new Date(moment).getTime() + offset * 60_000);
const two = (number) => String(number).padStart(2, "0");

export function clockTime(moment) {
  const at = wall(moment);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

export const dayKey = (moment) => wall(moment).toISOString().slice(0, 10);
export const shortDay = (moment) => named("day", moment);
export const longDay = (moment) => named("year", moment);

function named(form, moment) {
  const at = wall(moment);
  return word(form)(at, word("weekdays")[at.getUTCDay()]);
}
