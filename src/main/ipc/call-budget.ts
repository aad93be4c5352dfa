import type { IpcCallPath, IpcCaller } from '../../shared/ipc/table.schema.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RepeatedWarnings } from '../platform/repeated-warnings.ts';

export const callLimits = {
  /** Calls of one caller at once, and a second after that. The face view sends 30 frames a second at most. */
  burstCount: 200,
  perSecond: 100,
  /** Refused for their number, without a pause: whoever sends so many is ended and loaded anew. */
  floodCount: 2_000,
  /** What a payload may have: values (each name, each element) and characters; a frame has about 600 and 12,000. */
  valueCountMax: 4_000,
  textMax: 64_000,
} as const;

export type Refusal = 'forbidden' | 'bad_request' | 'too_many' | 'too_large';

/**
 * How much the page and the face view may ask of main: so many calls, of such a size. Keeps whoever has got hold of one of
 * them from filling the log or holding up main.
 */
export class CallBudget {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onFlood: (caller: IpcCaller) => void;
  readonly #left = new Map<IpcCaller, { count: number; atMs: number; refusedCount: number }>();
  readonly #warnings: RepeatedWarnings;

  constructor(options: { clock: Clock; logger: Logger; onFlood: (caller: IpcCaller) => void }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#warnings = new RepeatedWarnings(options.clock, options.logger);
    this.#onFlood = options.onFlood;
  }

  /** False: one too many; it is not looked at. */
  take(caller: IpcCaller): boolean {
    const nowMs = this.#clock.monotonicMs();
    const { burstCount, perSecond, floodCount } = callLimits;
    const left = this.#left.get(caller) ?? { count: burstCount, atMs: nowMs, refusedCount: 0 };
    this.#left.set(caller, left);
    left.count = Math.min(left.count + ((nowMs - left.atMs) * perSecond) / 1000, burstCount);
    left.atMs = nowMs;
    // It has kept still for a while.
    if (left.count >= burstCount) left.refusedCount = 0;
    if (left.count >= 1) {
      left.count--;
      return true;
    }
    if (++left.refusedCount === floodCount) {
      this.#logger.error('ipc.flood', { caller });
      this.#left.delete(caller);
      this.#onFlood(caller);
    }
    return false;
  }

  /** Writes a refusal down, unless the same one was just written: then it is counted. */
  note(path: IpcCallPath, why: Refusal): void {
    this.#warnings.warn(`ipc.${why}`, path, { call: path });
  }
}

/** Whether a payload is small enough to be parsed. Looks at no more of it than the limits allow. */
export function isSmallEnough(payload: unknown): boolean {
  let values = 0;
  let text = 0;
  const waiting: unknown[] = [payload];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (++values > callLimits.valueCountMax) return false;
    if (typeof value === 'string') text += value.length;
    else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) text += value.byteLength;
    else if (value instanceof Map || value instanceof Set) return false;
    else if (Array.isArray(value)) {
      if (value.length > callLimits.valueCountMax) return false;
      for (const element of value as unknown[]) waiting.push(element);
    } else if (typeof value === 'object' && value !== null) {
      for (const name in value) {
        text += name.length;
        if (text > callLimits.textMax || waiting.length > callLimits.valueCountMax) return false;
        waiting.push((value as Record<string, unknown>)[name]);
      }
    }
    if (text > callLimits.textMax) return false;
  }
  return true;
}
