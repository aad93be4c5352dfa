/** Minor units of what somebody typed: "12", "12.5", "12.50"; all currencies here have two places. Null: it is no amount. */
export function readAmount(text: string, { negative = false } = {}): number | null {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.trim()) ?? [];
  if (whole === '' || (sign !== '' && !negative)) return null;
  const amount = Number(whole) * 100 + Number(part.padEnd(2, '0'));
  return sign === '' ? amount : -amount;
}

/** The same, the other way round: for a field. */
export function amountText(amountMinor: number): string {
  const digits = String(Math.abs(amountMinor)).padStart(3, '0');
  return `${amountMinor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
