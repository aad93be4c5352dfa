import { sql } from 'drizzle-orm';
import type { Db } from '../../operator/storage/storage.ts';
import { resolveCharge } from '../../operator/support/resolve-charge.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { SeededRandom } from '../../shared/random.ts';

/** So likely what was reported is true, and goes back. */
const agreeChance = 0.7;

/** A purchase that was paid, and of which something is reported that nobody has looked at. */
interface Reported {
  readonly chargeId: string;
  readonly paidMinor: number;
  /** Without what is reported. */
  readonly dueMinor: number;
  readonly disputedMinor: number;
}

/** The operator's people: they look at what was reported, agree or deny, and keep an honest book of what they have decided. */
export class People {
  /** How much of a charge stays paid, minor units, as they have said last. */
  readonly decided = new Map<string, number>();
  readonly counts = { agreed: 0, denied: 0 };
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #random: SeededRandom;

  constructor({ db, clock, seed }: { readonly db: Db; readonly clock: Clock; readonly seed: number }) {
    this.#db = db;
    this.#clock = clock;
    this.#random = new SeededRandom(seed);
  }

  /** They decide about all that was reported of what is paid by now. */
  async look(): Promise<void> {
    const answer: unknown = await this.#db.execute(sql`
      select charge_id as "chargeId", paid_minor as "paidMinor", disputed_minor as "disputedMinor",
        coalesce(approved_minor, total_minor - disputed_minor) as "dueMinor"
      from charge where state = 'paid' and contested_minor > 0 order by charge_id`);
    for (const row of (answer as { rows: Reported[] }).rows) await this.#decide(row);
  }

  async #decide({ chargeId, paidMinor, dueMinor, disputedMinor }: Reported): Promise<void> {
    // What was reported before the debit was not debited: there is nothing to deny.
    const isTrue = this.#random.chance(agreeChance) || paidMinor <= dueMinor;
    const amountMinor = isTrue ? Math.min(paidMinor, dueMinor) : paidMinor;
    const done = await resolveCharge({ db: this.#db, clock: this.#clock }, chargeId as ChargeId, {
      ...{ by: 'anna', decision: isTrue ? 'waive' : 'deny_dispute', amountMinor, disputedMinor },
      reason: isTrue ? 'it was put back' : 'it is seen to be taken',
    });
    // Somebody was quicker, or more is reported: it is looked at again.
    if (!done.ok) return;
    this.decided.set(chargeId, amountMinor);
    this.counts[isTrue ? 'agreed' : 'denied']++;
  }

  /** Something is decided to go back, or was asked for, and nobody has said yet how that ends. */
  async isWaiting(): Promise<boolean> {
    const answer: unknown = await this.#db.execute(sql`
      select 1 from incident i join charge c on c.charge_id = i.charge_id
      where i.kind = 'refund_due' and i.resolved_at_ms is null and i.amount_minor > c.contested_minor
        and not exists (select 1 from refund r where r.charge_id = i.charge_id and r.state = 'people')
      limit 1`);
    return (answer as { rows: unknown[] }).rows.length > 0;
  }
}
