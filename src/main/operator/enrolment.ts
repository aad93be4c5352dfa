import { enrolRequestSchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { SettingsStore } from '../config.ts';
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
 * yes; the token is then erased.
 */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  readonly #listeners = new Set<() => void>();
  #done = false;
  #busy = false;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
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
    if (this.#done) return;
    link.onChange((online) => {
      if (online) void this.#try();
    });
    void this.#try();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
  }

  async #try(): Promise<void> {
    const { client, meta, secrets, settings, clock, logger } = this.#parts;
    this.#cancelRetry();
    const { cabinetId, enrolToken } = settings.settings;
    const request = enrolRequestSchema.safeParse({
      cabinetId,
      token: enrolToken,
      publicKey: secrets.publicKey,
    });
    if (this.#done || this.#busy || this.#stopped || !request.success) return;
    this.#busy = true;
    const answer = await client.enrol(request.data);
    this.#busy = false;
    const saved = answer.ok ? meta.set('enrolled_public_key', this.#identity()) : answer;
    if (!saved.ok) {
      logger.warn('enrolment.failed', { error: saved.error.code });
      this.#cancelRetry = clock.after(retryMs, () => void this.#try());
      return;
    }
    settings.clearEnrolToken();
    this.#done = true;
    logger.info('enrolment.done', { cabinetId });
    for (const listener of this.#listeners) listener();
  }

  /** Another cabinet number or another key has to be made known anew. */
  #identity(): string {
    return `${this.#parts.settings.settings.cabinetId}:${this.#parts.secrets.publicKey}`;
  }
}
