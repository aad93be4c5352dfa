/** What a field for a time shows of a wall time: it has no zone, and is this computer's. Empty: there is none. */
export function textOfField(ms: string | undefined): string {
  if (ms === undefined || ms === '') return '';
  const at = new Date(Number(ms));
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The same, the other way round. */
export function msOfField(text = ''): string {
  return text === '' ? '' : String(new Date(text).getTime());
}
