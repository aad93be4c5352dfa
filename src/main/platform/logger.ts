import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { pino } from 'pino';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { redact } from './redact.ts';

/** One file of the log grows to this and then becomes `<file>.1`, replacing the one before: at most twice this on disk. */
export const logFileMaxBytes = 5 * 1024 * 1024;

export interface LoggerOptions {
  readonly clock: Clock;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly destination: 'stderr' | { readonly file: string; readonly maxBytes?: number };
}

/** Writes one JSON line per event. A log that cannot be written never stops the cabinet: the line is lost. */
export function createLogger({ clock, level, destination }: LoggerOptions): Logger {
  const sink = destination === 'stderr' ? new StderrSink() : new FileSink(destination);
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'event',
    },
    sink,
  );
  const write = (to: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: object) => {
    // "fields" and not spread: a field can then never overwrite level, time or event.
    if (fields === undefined) log[to](event);
    else log[to]({ fields: redact(fields) }, event);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

class StderrSink {
  write(line: string): void {
    try {
      writeSync(2, line);
    } catch {
      // A closed or full pipe: nobody reads.
    }
  }
}

/** Appends synchronously, so that the last lines before a crash are there; turns the file when it is full. */
class FileSink {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number | null = null;
  #sizeBytes = 0;

  constructor({ file, maxBytes = logFileMaxBytes }: { readonly file: string; readonly maxBytes?: number }) {
    this.#path = file;
    this.#maxBytes = maxBytes;
  }

  write(line: string): void {
    const lineBytes = Buffer.byteLength(line);
    try {
      this.#file ??= this.#open();
      if (this.#sizeBytes > 0 && this.#sizeBytes + lineBytes > this.#maxBytes) {
        closeSync(this.#file);
        this.#file = null;
        renameSync(this.#path, `${this.#path}.1`);
        this.#file = this.#open();
      }
      writeSync(this.#file, line);
      this.#sizeBytes += lineBytes;
    } catch {
      // Disk full or folder gone: the next line tries again.
    }
  }

  #open(): number {
    const file = openSync(this.#path, 'a', 0o600);
    this.#sizeBytes = fstatSync(file).size;
    return file;
  }
}
