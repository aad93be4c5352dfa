import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** So much of the log is looked at; older lines are left out. */
export const logTailMaxBytes = 2 * 1024 * 1024;
const names = ['kaimen.log', 'kaimen.log.1'] as const;

/** The last lines of the log, the newest first, over both of its files. What cannot be read is left out. */
export async function logTail(dataDir: string, maxBytes = logTailMaxBytes): Promise<string[]> {
  const lines: string[] = [];
  let left = maxBytes;
  for (const name of names) {
    const { text, isCut } = await endOf(join(dataDir, name), left);
    left -= Buffer.byteLength(text);
    const all = text.split('\n').filter((line) => line !== '');
    // The first of a part is half of one.
    lines.push(...(isCut ? all.slice(1) : all).reverse());
    if (isCut || left <= 0) break;
  }
  return lines;
}

async function endOf(path: string, maxBytes: number): Promise<{ text: string; isCut: boolean }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, maxBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return { text: buffer.toString('utf8', 0, bytesRead), isCut: size > maxBytes };
    } finally {
      await file.close();
    }
  } catch {
    return { text: '', isCut: false };
  }
}
