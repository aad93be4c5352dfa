import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import type { Log, TransportFactory } from './device-slot.ts';
import { recordingTransport } from './transport/recording.ts';

/** Longest recording of one connection, in bytes of text: hours of a lock, a quarter of an hour of a busy tag reader. */
export const recordingMaxBytes = 8 * 1024 * 1024;
/** Most connections that one process records: a loose plug must not fill the disk. */
export const recordingMax = 64;

/**
 * Records every connection of every device as text, one file each, `<device id>-<time>-<number>.txt` in `dir`, to be
 * replayed with `ReplayTransport`. For diagnosis: off unless the environment variable KAIMEN_RECORD_DIR names a folder.
 */
export function recordSessions(
  makeTransport: TransportFactory,
  options: { readonly dir: string; readonly clock: Clock; readonly log: Log },
): TransportFactory {
  const { dir, clock, log } = options;
  let count = 0;
  log('recording.on', { dir });
  return (spec, kind, id) => {
    const inner = makeTransport(spec, kind, id);
    let file: RecordingFile | null = null;
    // Not before the first byte: a device that is away is tried for days.
    const begin = (): RecordingFile | null => {
      if (count >= recordingMax) return null;
      count++;
      const begun = new Date(clock.nowMs()).toISOString();
      const path = join(dir, `${id}-${begun.replaceAll(/[:.]/g, '')}-${count}.txt`);
      const made = new RecordingFile(path, dir, log);
      made.write(`# ${id} (${kind}) ${inner.name}, begun ${begun}`);
      return made;
    };
    return recordingTransport(
      inner,
      clock,
      (line) => {
        file ??= begin();
        file?.write(line);
      },
      () => file?.end(),
    );
  };
}

/** Written line by line at once: what is wanted of it is the moment before a crash. It never disturbs the device. */
class RecordingFile {
  #fd: number | null = null;
  #byteCount = 0;
  readonly #log: Log;

  constructor(path: string, dir: string, log: Log) {
    this.#log = log;
    this.#attempt(() => {
      // Its parent must be there: a recursive mkdir can go round for ever in a strange file system (/proc does it).
      if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
      this.#fd = openSync(path, 'wx', 0o600);
    });
  }

  write(line: string): void {
    if (this.#fd === null) return;
    const isFull = this.#byteCount + line.length + 1 > recordingMaxBytes;
    const text = isFull ? '# full: the rest is not recorded\n' : `${line}\n`;
    this.#byteCount += text.length;
    const fd = this.#fd;
    this.#attempt(() => {
      writeSync(fd, text);
    });
    if (isFull) this.end();
  }

  end(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd === null) return;
    this.#attempt(() => {
      closeSync(fd);
    });
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fd = null;
      this.#log('recording.failed', { message: String(error) });
    }
  }
}
