/**
 * Retry-After (RFC 9110, 10.2.3): whole seconds or an HTTP date → milliseconds from now; null when there is none or it
 * cannot be read. Not bounded here (core/charge/delivery.ts bounds it).
 */
export function retryAfterMsOf(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much more than RFC dates; all of those begin with the day's name.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
