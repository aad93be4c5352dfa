import type { Clock } from '../../shared/clock.ts';
import type { SeededRandom } from '../../shared/random.ts';
import type { LineFault } from '../switches.ts';

/** How late `late` is: past every wait of the kiosk for an answer. */
export const lateMs = 4000;
const noiseBytesMax = 8;
const dribbleGapMs = 2;
const floodGapMs = 5;
/** 64 bytes each 5 ms: about what a 115200 baud line carries. Also the length of a HID report. */
const floodBytes = 64;
/** Units that wait for their time (late, dribble); what is more is lost, as in a full FIFO. */
const waitingUnitsMax = 4096;

export interface LineOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** A stream may be cut anywhere; a report keeps its borders. */
  readonly framing: 'stream' | 'report';
  /** The same frame with a wrong check (or, where the protocol has none, a wrong mark). */
  readonly spoilCheck: (frame: Uint8Array) => Uint8Array;
  /** Towards the kiosk. */
  readonly write: (unit: Uint8Array) => void;
}

/** The cable with its fault switch. */
export class Line {
  readonly #options: LineOptions;
  readonly #timers = new Set<() => void>();
  /** First in, first out: timers of fractions of a ms may overtake each other, bytes must not. */
  #waiting: (() => void)[] = [];
  #fault: LineFault = 'none';
  #dribbleFreeAtMs = 0;
  #stopFlood: () => void = () => undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get fault(): LineFault {
    return this.#fault;
  }

  /** Sets the fault; what waits on the line is forgotten. */
  setFault(fault: LineFault): void {
    this.clear();
    this.#fault = fault;
    if (fault === 'flood') this.#flood();
  }

  /** Whether bytes of the kiosk reach the device. */
  get reachesDevice(): boolean {
    return this.#fault !== 'silent' && this.#fault !== 'echo';
  }

  /** Bytes of the kiosk have come: an echoing line gives them back. */
  heard(bytes: Uint8Array): void {
    if (this.#fault === 'echo') this.#options.write(bytes);
  }

  /** Forgets what is under way (cable pulled, process ends). */
  clear(): void {
    this.#stopFlood();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#waiting = [];
    this.#dribbleFreeAtMs = 0;
  }

  /** One whole frame from the device. */
  send(frame: Uint8Array): void {
    const { random, write } = this.#options;
    switch (this.#fault) {
      case 'none':
      case 'flood':
        write(frame);
        return;
      case 'silent':
      case 'mute':
      case 'echo':
        return;
      case 'noise':
        write(this.#noisy(frame));
        return;
      case 'garbage':
        write(random.bytes(frame.length));
        return;
      case 'cut':
        write(frame.subarray(0, random.between(1, Math.max(frame.length - 1, 1))));
        return;
      case 'bad_checksum':
        write(this.#options.spoilCheck(frame));
        return;
      case 'late':
        this.#writeAfter(lateMs, frame);
        return;
      case 'doubled':
        write(frame);
        write(frame);
        return;
      case 'dribble':
        this.#dribble(frame);
        return;
    }
  }

  /**
   * The answer to a feature request: over a control pipe nothing is doubled, cut by a byte here and there or noisy, so of
   * the faults only those are left that a device itself can have. The report id is part of the request, not spoilt.
   */
  sendFeature(report: Uint8Array, write: (report: Uint8Array) => void): void {
    const { random, spoilCheck } = this.#options;
    switch (this.#fault) {
      case 'silent':
      case 'mute':
      case 'echo':
        return;
      case 'garbage':
        write(Buffer.concat([report.subarray(0, 1), random.bytes(report.length - 1)]));
        return;
      case 'cut':
        write(report.subarray(0, random.between(1, Math.max(report.length - 1, 1))));
        return;
      case 'bad_checksum':
        write(
          report.length > 1 ? Buffer.concat([report.subarray(0, 1), spoilCheck(report).subarray(1)]) : report,
        );
        return;
      case 'late':
        this.#after(lateMs, () => {
          write(report);
        });
        return;
      case 'none':
      case 'noise':
      case 'doubled':
      case 'dribble':
      case 'flood':
        write(report);
    }
  }

  /** On a stream the noise runs into the frame; HID has borders, there it is a report of its own. */
  #noisy(frame: Uint8Array): Uint8Array {
    const noise = this.#options.random.bytes(this.#options.random.between(1, noiseBytesMax));
    if (this.#options.framing === 'stream') return Buffer.concat([noise, frame]);
    this.#options.write(noise);
    return frame;
  }

  #dribble(frame: Uint8Array): void {
    const { clock } = this.#options;
    if (this.#options.framing === 'report') {
      // A report cannot come in pieces; a slow one is the worst there is.
      this.#writeAfter(dribbleGapMs * frame.length, frame);
      return;
    }
    const nowMs = clock.monotonicMs();
    let atMs = Math.max(nowMs, this.#dribbleFreeAtMs);
    for (const byte of frame) {
      atMs += dribbleGapMs;
      this.#writeAfter(atMs - nowMs, Uint8Array.of(byte));
    }
    this.#dribbleFreeAtMs = atMs;
  }

  #flood(): void {
    this.#stopFlood = this.#options.clock.after(floodGapMs, () => {
      this.#options.write(this.#options.random.bytes(floodBytes));
      this.#flood();
    });
  }

  #writeAfter(delayMs: number, unit: Uint8Array): void {
    this.#after(delayMs, () => {
      this.#options.write(unit);
    });
  }

  #after(delayMs: number, write: () => void): void {
    if (this.#waiting.length >= waitingUnitsMax) return;
    this.#waiting.push(write);
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      this.#waiting.shift()?.();
    });
    this.#timers.add(cancel);
  }
}

/** A device at the end of a line: bytes of the kiosk in, whole frames out. */
export interface Emulator {
  receive(bytes: Uint8Array): void;
  /** Its HID feature reports, where it has any. */
  readonly features?: Features;
  /** Power gone: forgets what it was doing and its settings. */
  powerOff(): void;
}

export interface Features {
  /** The kiosk sets a report, id first; false: refused, as a stalled control pipe does it. */
  set(report: Uint8Array): boolean;
  /** The report with this id, id first; null: refused. */
  get(reportId: number): Uint8Array | null;
}
