import { enrolRequestSchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Secrets } from '../platform/secrets.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { NetworkLinkMonitor } from './network-link-monitor.ts';
import type { OperatorClient } from './operator-client.ts';

/** After a try that failed while the operator can be reached. */
const retryMs = 5_000;

export interface EnrolmentParts {
  readonly client: OperatorClient;
  readonly meta: MetaStore;
  readonly secrets: Secrets;
  readonly settings: SettingsStore;
  readonly link: NetworkLinkMonitor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes the cabinet known to its operator, once: one-time token and public key go there, the private key never leaves.
 * Tried at the start, whenever the network comes back and every few seconds after a failure, until the operator has said
 * yes; the token is then erased. Its answer says by which key the operator signs: a new token, set by staff, also makes a
 * cabinet that is known believe the operator's key of today.
 */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  readonly #listeners: Listeners;
  readonly #loop: RetryLoop;
  #done = false;
  #usedToken: string | null = null;

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
    this.#listeners = new Listeners(parts.clock);
    this.#loop = new RetryLoop({ clock: parts.clock, turn: () => this.#try() });
  }

  /** True once this key has been accepted for this cabinet. */
  get done(): boolean {
    return this.#done;
  }
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  start(): void {
    const { meta, link } = this.#parts;
    const known = meta.get('enrolled_public_key');
    this.#done = known.ok && known.value === this.#identity();
    if (this.#done && this.#parts.settings.settings.enrolToken === null) return;
    link.onChange((online) => {
      if (online) this.#loop.wake();
    });
    this.#loop.start();
  }

  stop(): void {
    void this.#loop.stop();
  }

  /** Answers after how many ms to try again; null: when the network is back, or not at all. */
  async #try(): Promise<number | null> {
    const { client, meta, secrets, settings, logger } = this.#parts;
    const { cabinetId, enrolToken } = settings.settings;
    const request = enrolRequestSchema.safeParse({
      cabinetId,
      token: enrolToken,
      publicKey: secrets.publicKey,
    });
    if (!request.success || enrolToken === this.#usedToken) return null;
    const answer = await client.enrol(request.data);
    const saved = answer.ok ? meta.set('enrolled_public_key', this.#identity()) : answer;
    if (!saved.ok) {
      logger.warn('enrolment.failed', { error: saved.error.code });
      // A cabinet that is known does without: the token was a try to have it known anew.
      const isRefused = !answer.ok && answer.error.code === 'operator.unauthenticated';
      return this.#done && isRefused ? null : retryMs;
    }
    // It is used up anyway: a token that stays in the file opens nothing.
    const erased = settings.update({ enrolToken: null });
    if (!erased.ok) logger.warn('enrolment.token_not_erased', { error: erased.error.code });
    this.#usedToken = enrolToken;
    this.#done = true;
    logger.info('enrolment.done', { cabinetId });
    this.#listeners.emit();
    return null;
  }

  /** Another cabinet number or another key has to be made known anew. */
  #identity(): string {
    return `${this.#parts.settings.settings.cabinetId}:${this.#parts.secrets.publicKey}`;
  }
}
