import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { StorageFailure } from '../storage/database.ts';
import type { Fetched, OperatorClient, OperatorFailure } from './operator-client.ts';

/** Between two looks at the operator's word; a quarter of it is jitter, so that a fleet does not come at once. */
export const syncEveryMs = 10 * 60_000;
/** The same after one that came to nothing. */
export const syncRetryMs = 60_000;
/** At the start and with the network's return it is looked for within this: the charges that wait go first. */
export const syncSoonMs = 8_000;
const jitterShare = 0.25;

/** What the operator hands out in versions, each for a time. */
export interface Versioned {
  readonly version: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** For which cabinet alone; left out: not for one alone. */
  readonly cabinetId?: string;
}

export interface Kept<T> {
  readonly etag: string | null;
  readonly value: T;
}

/** What the syncs of all kinds are given alike. `S`: where this one keeps what it has; `C`: the calls of the client that it makes. */
export interface SyncParts<S, C> {
  readonly store: S;
  readonly client: C & Pick<OperatorClient, 'toldNowMs'>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** Of what is for one cabinet alone; of another one none is taken. */
export interface OwnSyncParts<S, C> extends SyncParts<S, C> {
  readonly cabinetId: string;
}

export interface VersionedSyncOptions<T extends Versioned> extends Omit<
  SyncParts<unknown, unknown>,
  'store' | 'client'
> {
  /** In log and alarms: `offline_policy`. */
  readonly name: string;
  readonly store: {
    load(): Result<Kept<T> | null, StorageFailure>;
    keep(kept: Kept<T>): Result<void, StorageFailure>;
    forget(): Result<void, StorageFailure>;
  };
  readonly fetch: (etag: string | null) => Promise<Result<Fetched<T>, OperatorFailure>>;
  /** The operator's word that it has none (or is of a version that does not know of it) ends what is kept. */
  readonly endsWhenNotServed: boolean;
  /** The operator's time, ms; null: not known. */
  readonly toldNowMs: () => number | null;
  /** What the log says of a new one beside its times. */
  readonly describe: (value: T) => Readonly<Record<string, number>>;
  /** Of another cabinet none is taken; left out: it is for no cabinet alone. */
  readonly cabinetId?: string;
}

/**
 * Keeps what the operator hands out in versions: the stored one at once after the start, then the operator's. One that is older
 * than what is kept, or has ended, is not taken; staff is told, once for each spell.
 */
export class VersionedSync<T extends Versioned> {
  readonly #o: VersionedSyncOptions<T>;
  readonly #listeners: Listeners;
  readonly #loop: RetryLoop;
  #kept: Kept<T> | null = null;
  #refused: string | null = null;
  #cancelSoon: () => void = () => undefined;

  constructor(options: VersionedSyncOptions<T>) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#fetch() });
  }

  /** The one in force, ended or not; null: there is none. */
  current(): T | null {
    return this.#kept?.value ?? null;
  }

  /** Called with each change. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    if (this.#loop.running) return;
    const stored = this.#o.store.load();
    if (!stored.ok) this.#o.logger.error(`${this.#o.name}.not_loaded`, { error: stored.error });
    else this.#kept = stored.value;
    this.#loop.start(this.#soonMs());
  }

  stop(): void {
    this.#cancelSoon();
    void this.#loop.stop();
  }

  /** The link is back. */
  wake(): void {
    this.#cancelSoon();
    this.#cancelSoon = this.#o.clock.after(this.#soonMs(), () => {
      this.#loop.wake();
    });
  }

  /** It is another one now: the operator has said so, and to this cabinet that it is its turn. */
  changed(): void {
    this.#loop.wake();
  }

  /** The cabinet has been made known to its operator anew: what another one has said counts no more. */
  forget(): void {
    this.#drop('enrolled anew');
    this.wake();
  }

  #soonMs(): number {
    return 1 + this.#o.random() * syncSoonMs;
  }

  /** Answers after how many ms to look again. */
  async #fetch(): Promise<number> {
    const answer = await this.#o.fetch(this.#kept?.etag ?? null);
    if (!this.#loop.running) return syncRetryMs;
    if (!answer.ok) return this.#failed(answer.error);
    if (answer.value.changed) {
      const { cabinetId, name } = this.#o;
      if (cabinetId !== undefined && answer.value.value.cabinetId !== cabinetId)
        return this.#failed({ code: 'network.unproven', message: `${name} of another cabinet` });
      this.#take(answer.value);
    }
    return syncEveryMs * (1 - this.#o.random() * jitterShare);
  }

  #failed({ code, message }: OperatorFailure): number {
    if (code === 'operator.not_served') {
      if (this.#o.endsWhenNotServed) this.#drop('the operator has none');
      return syncEveryMs * (1 - this.#o.random() * jitterShare);
    }
    this.#o.logger.warn(`${this.#o.name}.not_fetched`, { code, message });
    if (code === 'network.unproven') this.#refuse('unsigned');
    return syncRetryMs * (1 + this.#o.random() * jitterShare);
  }

  #take({ etag, value }: Kept<T>): void {
    const { store, logger, name, describe, toldNowMs } = this.#o;
    const nowMs = toldNowMs();
    const keptVersion = this.#kept?.value.version ?? 0;
    if (value.version < keptVersion) {
      this.#refuse(`older: ${value.version} after ${keptVersion}`);
      return;
    }
    if (nowMs !== null && value.expiresAtMs <= nowMs) {
      this.#refuse(`expired: version ${value.version}`);
      return;
    }
    this.#refused = null;
    const saved = store.keep({ etag, value });
    // Not kept for the next start, and whom the operator had refused stays refused; but good for now. It is fetched again and
    // again until the disk has taken it: the next start would go on with the one before.
    if (!saved.ok) logger.error(`${name}.not_saved`, { error: saved.error });
    this.#kept = { etag: saved.ok ? etag : null, value };
    const { version, issuedAtMs, expiresAtMs } = value;
    logger.info(`${name}.changed`, { version, issuedAtMs, expiresAtMs, ...describe(value) });
    this.#listeners.emit();
  }

  #refuse(why: string): void {
    this.#o.logger.warn(`${this.#o.name}.refused`, { why });
    const [kind = why] = why.split(':');
    if (this.#refused === kind) return;
    this.#refused = kind;
    this.#o.tellStaff(`${this.#o.name}_refused: ${why}`);
  }

  #drop(why: string): void {
    if (this.#kept === null) return;
    const { store, logger, name } = this.#o;
    const forgotten = store.forget();
    if (!forgotten.ok) logger.error(`${name}.not_forgotten`, { error: forgotten.error });
    this.#kept = null;
    logger.info(`${name}.none`, { why });
    this.#listeners.emit();
  }
}
