import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ChainFloor } from '../platform/secrets.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import type { ChainKey } from '../storage/hash-chain.ts';
import { SlicedCheck } from '../storage/sliced-check.ts';
import { ChainAudit, type ChainFinding, type ChainFindingKind } from './chain-audit.ts';

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
 * Looks through the books while the cabinet works. What it finds staff is told once in each run of the program; nothing else
 * happens: charges that can be delivered still are, and the record stays as it was found.
 */
export class ChainCheck {
  readonly #options: ChainCheckOptions;
  readonly #check: SlicedCheck<ChainAudit>;
  readonly #told = new Set<string>();

  constructor(options: ChainCheckOptions) {
    this.#options = options;
    this.#check = new SlicedCheck({
      clock: options.clock,
      begin: () => this.#audit(),
      onEnd: (audit) => {
        this.#ended(audit);
      },
      onFailure: (failure) => {
        options.logger.error('charges.check_failed', { error: failure });
        if (failure.code === 'storage.corrupt') this.#tell('unreadable');
      },
    });
  }

  start(): void {
    this.#check.start();
  }
  stop(): void {
    this.#check.stop();
  }

  /** Everything at once, without telling anybody: for the system's tests. */
  now(): Result<readonly ChainFinding[], StorageFailure> {
    return this.#audit().run();
  }

  #audit(): ChainAudit {
    const { db, key, floor } = this.#options;
    return new ChainAudit(db, key, floor());
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
