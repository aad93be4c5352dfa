/** `1.2.3`, or `1.2.3-rc.1`: as semver has it, without what follows a `+`. */
export const releaseVersionPattern =
  /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9a-z.-]{1,20})?$/;

/** Less than 0: `a` is the older one. A version with a `-` comes before the one without. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const i of [0, 1, 2]) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.rest === right.rest) return 0;
  if (left.rest === '' || right.rest === '') return left.rest === '' ? 1 : -1;
  return left.rest.localeCompare(right.rest, 'en', { numeric: true });
}

function partsOf(text: string): { numbers: number[]; rest: string } {
  const [numbers = '', ...rest] = text.split('-');
  return { numbers: numbers.split('.').map(Number), rest: rest.join('-') };
}

/** Shares of cabinets are counted in these. */
export const shareParts = 10_000;
