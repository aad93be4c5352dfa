import { z } from 'zod';
import type { Bill } from '../../core/basket/basket.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { troubleOf } from '../devices/device-fault-reporter.ts';
import type { VisitRecords } from './visit-records.ts';

/**
 * So many visits in a row without a final reading, and nobody is let in. One is a cable that was pulled, or chance; each
 * costs a basket at most. A sound reader loses two in a row hardly ever, and that costs it a minute out of service.
 */
export const lostReadingsMax = 2;
/** It has to be heard for so long without a break, read without a pause, until somebody is let in again, ms. */
export const heardAgainMs = 60_000;

const recordSchema = z.object({
  lost: z.int().min(0).max(lostReadingsMax),
  /** It was out of service and is tried again: the next that is lost is enough. */
  isOnTrial: z.boolean(),
});
type LostRecord = z.infer<typeof recordSchema>;
const none: LostRecord = { lost: 0, isOnTrial: false };

type LostRecords = Pick<VisitRecords, 'ifUndone' | 'lostReadings'>;

/** `Alarm.detail` takes so many characters. */
const detailMax = 300;

/**
 * Counts visits in a row whose final reading was lost, whatever the reader says of itself between them: one that is well at
 * rest and away in each visit would make each of them free. Kept over restarts.
 */
export class LostReadings {
  readonly #records: LostRecords;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #record: LostRecord = none;
  #isLoaded = false;
  /** What the readers said of themselves last in this visit. */
  #words = '';
  #heardSinceMs: number | null = null;

  constructor({ records, clock, logger }: { records: LostRecords; clock: Clock; logger: Logger }) {
    this.#records = records;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Nobody is let in. */
  get isOut(): boolean {
    return this.#record.lost >= lostReadingsMax;
  }
  /** It is used again, and no visit has shown yet that it is well. */
  get isOnTrial(): boolean {
    return this.#record.isOnTrial;
  }

  /** What the devices say while a visit runs. */
  observe(devices: readonly DeviceHealth[]): void {
    for (const one of devices) {
      const trouble = one.kind === 'tag-reader' ? troubleOf(one) : '';
      if (trouble !== '') this.#words = `${one.id}: ${trouble}`;
    }
  }

  /**
   * A visit has come to its bill after the door was open. Call it inside the transaction that puts it on record. Returns what
   * staff is to be told; null: nothing.
   */
  note(bill: Bill): string | null {
    const words = this.#words;
    this.#words = '';
    this.#records.ifUndone(() => {
      this.#words ||= words;
    });
    if (!bill.review.includes('recognition.reader_lost')) {
      this.#keep(none);
      return null;
    }
    const lost = this.#record.isOnTrial ? lostReadingsMax : Math.min(this.#record.lost + 1, lostReadingsMax);
    this.#keep({ lost, isOnTrial: false });
    if (!this.isOut) return null;
    this.#heardSinceMs = null;
    const why = words === '' ? '' : `; ${words}`;
    return `out of service: no final reading in visits in a row${why}`.slice(0, detailMax);
  }

  /** To be called often. `isHeard`: each reader is ready and is heard. */
  look(isHeard: boolean): void {
    this.#load();
    const nowMs = this.#clock.monotonicMs();
    this.#heardSinceMs = this.isOut && isHeard ? (this.#heardSinceMs ?? nowMs) : null;
    if (this.#heardSinceMs === null || nowMs - this.#heardSinceMs < heardAgainMs) return;
    this.#keep({ lost: 0, isOnTrial: true });
  }

  /** What the database does not take is lost with the next restart, or undone with its transaction. */
  #keep(record: LostRecord): void {
    const before = this.#record;
    if (record.lost === before.lost && record.isOnTrial === before.isOnTrial) return;
    this.#record = record;
    this.#records.ifUndone(() => {
      this.#record = before;
    });
    const kept = this.#records.lostReadings.keep(JSON.stringify(record));
    if (!kept.ok) this.#logger.warn('lost_readings.not_kept', { code: kept.error.code });
  }

  #load(): void {
    if (this.#isLoaded) return;
    const loaded = this.#records.lostReadings.load();
    if (!loaded.ok) return;
    this.#isLoaded = true;
    try {
      this.#record = recordSchema.parse(JSON.parse(loaded.value ?? ''));
    } catch {
      // None yet, or damaged: none is counted.
    }
  }
}
