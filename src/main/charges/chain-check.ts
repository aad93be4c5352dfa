import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ChainFloor } from '../platform/secrets.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import type { ChainKey } from '../storage/hash-chain.ts';
import { ChainAudit, type ChainFinding, type ChainFindingKind } from './chain-audit.ts';

export const chainCheckLimits = {
  /** From the start, and from the end of one check to the next. */
  firstAfterMs: 15_000,
  everyMs: 24 * 3_600_000,
  /** One slice is over after this, and the next one begins so much later: a tenth of the time at most. */
  sliceMs: 8,
  pauseMs: 80,
} as const;

export interface ChainCheckOptions {
  readonly db: Database;
  readonly key: ChainKey;
  /** What is known of the record outside of its database. */
  readonly floor: () => ChainFloor | null;
  /** It is whole up to this event. */
  readonly onWhole: (lastSeq: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tellStaff: (detail: string) => void;
}

/**
 * Looks through the books while the cabinet works, a slice at a time, shortly after each start and once a day. What it finds
 * staff is told once in each run of the program; nothing else happens: charges that can be delivered still are, and the
 * record stays as it was found.
 */
export class ChainCheck {
  readonly #options: ChainCheckOptions;
  #audit: ChainAudit | null = null;
  readonly #told = new Set<string>();
  #cancel: () => void = () => undefined;

  constructor(options: ChainCheckOptions) {
    this.#options = options;
  }

  start(): void {
    this.#later(chainCheckLimits.firstAfterMs);
  }
  stop(): void {
    this.#cancel();
    this.#audit = null;
  }

  /** Everything at once, without telling anybody: for the system's tests. */
  now(): Result<readonly ChainFinding[], StorageFailure> {
    const { db, key, floor } = this.#options;
    return new ChainAudit(db, key, floor()).run();
  }

  #later(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#slice();
    });
  }

  #slice(): void {
    const { db, key, floor, clock, logger } = this.#options;
    const audit = (this.#audit ??= new ChainAudit(db, key, floor()));
    const untilMs = clock.monotonicMs() + chainCheckLimits.sliceMs;
    do {
      const stepped = audit.step();
      if (!stepped.ok) {
        logger.error('charges.check_failed', { error: stepped.error });
        if (stepped.error.code === 'storage.corrupt') this.#tell('unreadable');
        this.#audit = null;
        this.#later(chainCheckLimits.everyMs);
        return;
      }
    } while (!audit.isDone && clock.monotonicMs() < untilMs);
    if (!audit.isDone) {
      this.#later(chainCheckLimits.pauseMs);
      return;
    }
    this.#audit = null;
    this.#ended(audit);
    this.#later(chainCheckLimits.everyMs);
  }

  #ended(audit: ChainAudit): void {
    const { logger, onWhole } = this.#options;
    const { findings, counts } = audit;
    if (findings.length === 0) {
      logger.info('charges.checked', counts);
      onWhole(counts.lastSeq);
    } else logger.error('charges.record_damaged', { ...counts, findings });
    for (const { kind } of findings) this.#tell(kind);
  }

  #tell(what: ChainFindingKind | 'unreadable'): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#options.tellStaff(`charge_record_${what}`);
  }
}
