import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { lookAgainAfterMs, lookWaitMs, looksMax, providerTimeoutMs } from '../limits.ts';
import type { Provider } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isDebt } from './debit-life.ts';
import { recordNotice } from './debit-store.ts';

type Row = typeof charge.$inferSelect;

export interface PaymentLookOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  readonly logger: Logger;
}

/**
 * Looks whether a debt that somebody has on screen is paid by now: where money may move at the provider without us, the
 * next planned query may be hours away, and a notice may never come. It takes no lease, and books that money has moved
 * just as a notice of the provider would; any other answer changes nothing, so that who looks often makes no wait longer.
 */
export class PaymentLook {
  readonly #options: PaymentLookOptions;
  /** Those under way, and when the last one of a charge ended (monotonic, ms): oldest first, `looksMax` at most. */
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #endedAtMs = new Map<string, number>();

  constructor(options: PaymentLookOptions) {
    this.#options = options;
  }

  /** Asks about those of these charges that may be paid, and waits `lookWaitMs` at most. True: one of them is paid now. */
  async look(rows: readonly Row[]): Promise<boolean> {
    const looks = rows.filter(mayBePaid).map((row) => this.#look(row));
    if (looks.length === 0) return false;
    const ended = await withTimeout(this.#options.clock, lookWaitMs, Promise.all(looks));
    return ended.ok ? ended.value.includes(true) : true;
  }

  #look(row: Row): Promise<boolean> {
    const { chargeId } = row;
    const running = this.#running.get(chargeId);
    if (running !== undefined) return running;
    const sinceMs = this.#nowMs - (this.#endedAtMs.get(chargeId) ?? -Infinity);
    if (sinceMs < lookAgainAfterMs || this.#running.size >= looksMax) return Promise.resolve(false);
    const look = this.#ask(row)
      .catch((error: unknown) => {
        this.#options.logger.warn('payment_look_failed', { chargeId, error: String(error) });
        return false;
      })
      .finally(() => {
        this.#running.delete(chargeId);
        this.#remember(chargeId);
      });
    this.#running.set(chargeId, look);
    return look;
  }

  async #ask({ chargeId, provider: name }: Row): Promise<boolean> {
    const { db, clock, providers } = this.#options;
    const provider = providers.find(name);
    return provider !== null && bookIfPaid(db, clock, provider, chargeId);
  }

  #remember(chargeId: string): void {
    this.#endedAtMs.delete(chargeId);
    this.#endedAtMs.set(chargeId, this.#nowMs);
    const [oldest] = this.#endedAtMs.keys();
    if (this.#endedAtMs.size > looksMax && oldest !== undefined) this.#endedAtMs.delete(oldest);
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

/** Asks the provider without a lease, and books it as a notice would where it is paid. True: that changed something. */
export async function bookIfPaid(
  db: Db,
  clock: Clock,
  provider: Pick<Provider, 'name' | 'query'>,
  orderId: string,
): Promise<boolean> {
  const asked = await withTimeout(clock, providerTimeoutMs, provider.query(orderId));
  if (!asked.ok || asked.value.kind !== 'paid') return false;
  return recordNotice(db, clock, provider.name, { orderId, outcome: asked.value });
}

/** A debt of which money may have moved that we have not heard of. */
function mayBePaid(row: Row): boolean {
  return row.inDoubt && isDebt(row);
}
