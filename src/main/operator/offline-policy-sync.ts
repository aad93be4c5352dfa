import type { Clock } from '../../shared/clock.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { KeptPolicy, OfflineStore } from '../storage/offline-store.ts';
import type { OfflinePolicyAnswer, OperatorFailure } from './operator-client.ts';

/** Between two looks at the operator's policy; a quarter of it is jitter, so that a fleet does not come at once. */
export const offlinePolicyEveryMs = 10 * 60_000;
/** The same after one that came to nothing. */
export const offlinePolicyRetryMs = 60_000;
/** At the start and with the network's return it is looked for within this: the charges that wait go first. */
export const offlinePolicySoonMs = 8_000;
const jitterShare = 0.25;

export interface OfflinePolicySyncOptions {
  readonly store: Pick<OfflineStore, 'policy' | 'keepPolicy' | 'forgetPolicy'>;
  readonly client: {
    offlinePolicy(etag: string | null): Promise<Result<OfflinePolicyAnswer, OperatorFailure>>;
    toldNowMs(): number | null;
  };
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * Keeps the operator's policy for opening offline: the stored one at once after the start, then the operator's. One that is
 * older than what is kept, or has ended, is not taken; staff is told, once for each spell.
 */
export class OfflinePolicySync {
  readonly #o: OfflinePolicySyncOptions;
  readonly #listeners: Listeners;
  readonly #loop: RetryLoop;
  #kept: KeptPolicy | null = null;
  #refused: string | null = null;
  #cancelSoon: () => void = () => undefined;

  constructor(options: OfflinePolicySyncOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#fetch() });
  }

  /** The one in force, ended or not; null: there is none. */
  current(): OfflinePolicy | null {
    return this.#kept?.policy ?? null;
  }

  /** Called with each change. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    if (this.#loop.running) return;
    const stored = this.#o.store.policy();
    if (!stored.ok) this.#o.logger.error('offline_policy.not_loaded', { error: stored.error });
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

  /** The cabinet has been made known to its operator anew: what another one has said counts no more. */
  forget(): void {
    this.#drop('enrolled anew');
    this.wake();
  }

  #soonMs(): number {
    return 1 + this.#o.random() * offlinePolicySoonMs;
  }

  /** Answers after how many ms to look again. */
  async #fetch(): Promise<number> {
    const answer = await this.#o.client.offlinePolicy(this.#kept?.etag ?? null);
    if (!this.#loop.running) return offlinePolicyRetryMs;
    if (!answer.ok) return this.#failed(answer.error);
    if (answer.value.changed) this.#take(answer.value);
    return offlinePolicyEveryMs * (1 - this.#o.random() * jitterShare);
  }

  #failed({ code, message }: OperatorFailure): number {
    // Its own word that it has none: it lets nobody open offline, or is of a version that did not know of it.
    if (code === 'operator.not_served') {
      this.#drop('the operator has none');
      return offlinePolicyEveryMs * (1 - this.#o.random() * jitterShare);
    }
    this.#o.logger.warn('offline_policy.not_fetched', { code, message });
    if (code === 'network.unproven') this.#refuse('unsigned');
    return offlinePolicyRetryMs * (1 + this.#o.random() * jitterShare);
  }

  #take({ etag, policy }: KeptPolicy): void {
    const nowMs = this.#o.client.toldNowMs();
    const keptVersion = this.#kept?.policy.version ?? 0;
    if (policy.version < keptVersion) {
      this.#refuse(`older: ${policy.version} after ${keptVersion}`);
      return;
    }
    if (nowMs !== null && policy.expiresAtMs <= nowMs) {
      this.#refuse(`expired: version ${policy.version}`);
      return;
    }
    this.#refused = null;
    const { store, logger } = this.#o;
    const saved = store.keepPolicy({ etag, policy });
    // Not kept for the next start, and whom the operator had refused stays refused; but good for now.
    if (!saved.ok) logger.error('offline_policy.not_saved', { error: saved.error });
    this.#kept = { etag, policy };
    const { version, issuedAtMs, expiresAtMs, memberDigests, denied, faces } = policy;
    logger.info('offline_policy.changed', {
      version,
      issuedAtMs,
      expiresAtMs,
      members: memberDigests.length,
      denied: denied.length,
      faces: faces.length,
    });
    this.#listeners.emit();
  }

  #refuse(why: string): void {
    this.#o.logger.warn('offline_policy.refused', { why });
    const [kind = why] = why.split(':');
    if (this.#refused === kind) return;
    this.#refused = kind;
    this.#o.tellStaff(`offline_policy_refused: ${why}`);
  }

  #drop(why: string): void {
    if (this.#kept === null) return;
    const { store, logger } = this.#o;
    const forgotten = store.forgetPolicy();
    if (!forgotten.ok) logger.error('offline_policy.not_forgotten', { error: forgotten.error });
    this.#kept = null;
    logger.info('offline_policy.none', { why });
    this.#listeners.emit();
  }
}
