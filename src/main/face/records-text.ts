import type { FaceRecord } from '../../shared/model/face-view.schema.ts';

/** What a QR of a size that a phone reads off the screen holds. */
export const recordsTextMaxBytes = 1_200;

interface RecordsText {
  readonly text: string;
  /** Entries that are in it; the others did not fit. */
  readonly textCount: number;
}

/**
 * The processing record for the member's phone: whose (if somebody has told), then one line an entry, newest first, in dates and words that need no
 * translation. What does not fit, of `count` in all, is counted in a last line ("+12").
 */
export function recordsText(display: string, count: number, newest: readonly FaceRecord[]): RecordsText {
  const lines = [['Kaimen face data', ...(display === '' ? [] : [display])].join(': ')];
  let bytes = byteCount(lines[0] ?? '');
  const moreMax = `+${count}`.length + 1;
  for (const record of newest) {
    const line = lineOf(record);
    if (bytes + byteCount(line) + 1 + moreMax > recordsTextMaxBytes) break;
    lines.push(line);
    bytes += byteCount(line) + 1;
  }
  const textCount = lines.length - 1;
  const left = count - textCount;
  return { text: [...lines, ...(left > 0 ? [`+${left}`] : [])].join('\n'), textCount };
}

function lineOf({ kind, atMs, consentVersion }: FaceRecord): string {
  const at = new Date(atMs);
  // Beyond what a date can be; never written by a cabinet whose clock works at all.
  const when = Number.isNaN(at.getTime()) ? String(atMs) : `${at.toISOString().slice(0, 19)}Z`;
  return [when, kind, ...(consentVersion === null ? [] : [consentVersion])].join(' ');
}

function byteCount(text: string): number {
  return Buffer.byteLength(text);
}
