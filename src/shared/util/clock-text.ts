/** Of a whole number from 0 to 99: `07`. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** What a clock shows at that minute of the day (0 to 1440): `07:05`. */
export function clockOf(minute: number): string {
  return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
}
