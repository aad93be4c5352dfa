/** How a day is typed: eight digits. */
export const daySample = '20271231';

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** The days of year 0 to that day; null: it is no day of the calendar, written `2026-12-31`. */
export function dayNumberOf(text: string): number | null {
  const [, y, m, d] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const [year, month, day] = [Number(y), Number(m), Number(d)];
  if (y === undefined || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  const leapsBefore = year === 0 ? 0 : Math.ceil(year / 4) - Math.ceil(year / 100) + Math.ceil(year / 400);
  const before = Array.from({ length: month - 1 }, (_, i) => daysIn(year, i + 1));
  return year * 365 + leapsBefore + before.reduce((sum, n) => sum + n, 0) + day;
}

/** The day of the week of a day of year 0: 1 Monday to 7 Sunday. */
export function weekdayOf(dayNumber: number): number {
  return ((dayNumber + 4) % 7) + 1;
}
