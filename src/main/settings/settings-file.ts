import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { jsonOfBytes } from '../../shared/node/json-of-bytes.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import type { Result } from '../../shared/result.ts';
import type { Settings } from './settings-schema.ts';
import { type SettingsFailure, SettingsStore, parseSettings } from './settings-store.ts';

const fileName = 'config.json';
/** Far above what a cabinet has, with all versions that are kept. */
const settingsMaxBytes = 4 * 1024 * 1024;
/** A copy of the settings that were read last, for when the file itself cannot be read any more. */
const lastGoodName = 'config.last-good.json';

/**
 * Opens `config.json` in this folder. A file that is not JSON in UTF-8 is left as it is (`settings.invalid`, with the
 * reason); one that is gone, and was there before, is no cabinet that was never set up. What could be read is kept as the
 * last good one.
 */
export function openSettings(dir: string, clock: Clock): Result<SettingsStore, SettingsFailure> {
  const path = join(dir, fileName);
  const opened = SettingsStore.open(
    {
      read: () => {
        const bytes = readIfPresent(path);
        if (bytes !== null) return jsonOfBytes(bytes, fileName);
        if (readIfPresent(join(dir, lastGoodName)) === null) return {};
        throw new SyntaxError(`${fileName} is gone: put it back (${lastGoodName} is a copy), or delete both`);
      },
      // Through a link the file that it names, and not the link: whoever edits that goes on doing so.
      lastGood: () => lastGoodSettings(dir),
      write: (raw) => {
        writeFileAtomic(realpathIfPresent(path), readableText(raw));
      },
    },
    clock,
  );
  if (opened.ok && opened.value.badProfile === null) keepAsLastGood(dir);
  return opened;
}

/** The settings as they were when they could last be read; null: never. */
export function lastGoodSettings(dir: string): Settings | null {
  try {
    const parsed = parseSettings(jsonOfBytes(readFileSync(join(dir, lastGoodName)), lastGoodName));
    return parsed.ok ? parsed.value.settings : null;
  } catch {
    return null;
  }
}

/** Does not stand in the way of a start: the copy is for a screen that says whom to call. */
function keepAsLastGood(dir: string): void {
  try {
    const bytes = readIfPresent(join(dir, fileName));
    if (bytes === null || readIfPresent(join(dir, lastGoodName))?.equals(bytes) === true) return;
    writeFileAtomic(join(dir, lastGoodName), bytes.toString('utf8'));
  } catch {
    // A full disk: the copy of before is still there.
  }
}

/** What would be too large to be read again is not written: no start would get past it. */
function readableText(raw: object): string {
  const text = `${JSON.stringify(raw, null, 2)}\n`;
  const size = Buffer.byteLength(text);
  if (size > settingsMaxBytes) throw new Error(`${fileName} would have ${size} bytes: too many`);
  return text;
}

function realpathIfPresent(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A file that is larger, or none (a pipe has no end), is another one that was put there by mistake. */
function readIfPresent(path: string): Buffer | null {
  try {
    const stat = statSync(path);
    const { size } = stat;
    const isTooLarge = size > settingsMaxBytes;
    if (isTooLarge || !stat.isFile())
      throw new SyntaxError(`${path} ${isTooLarge ? `has ${size} bytes: too many` : 'is no file'}`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
