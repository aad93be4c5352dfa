import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Db } from '../../operator/storage/storage.ts';
import { makeChargeByHand } from '../../operator/charges/charge-by-hand.ts';
import type { ServedCatalog } from '../../operator/fleet/catalog.ts';
import type { Policy } from '../../operator/limits.ts';
import { resolveIncident } from '../../operator/support/incidents.ts';
import { resolveCharge } from '../../operator/support/resolve-charge.ts';
import type { ResolveChargeRequest } from '../../shared/api/development-routes.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import { SeededRandom } from '../../shared/random.ts';
import type { Books, Decision, Movement, VisitTruth } from './auditor.ts';

/** How likely they do what. */
const chances = {
  /** What was reported is true, and goes back. */
  agree: 0.7,
  /** What waits for them is left for later. */
  later: 0.15,
  /** Somebody who was charged rightly gets something back all the same. */
  kindness: 0.5,
  /** Somebody calls whose charge has not come yet. */
  call: 0.3,
  /** They look up at the provider what it has not answered. */
  lookUp: 0.5,
} as const;
/** What has waited longer stays as it is: its cabinet asks ever more seldom. */
const decideWithinMs = 30 * 60_000;
/** Of so many visits at most somebody calls. */
const callersMax = 20;
/** What is due back, and has no refund so long after that, the operator leaves to them (refunds/refund-plan.ts). */
const byHandAfterMs = 5 * 60_000;
/** They read so many incidents at a time. */
const incidentsMax = 20;
/** It may be nobody's of those who stood there: not to be debited. */
const notTheirs = ['account.code_replayed', 'account.code_unknown'];

/** A charge as people see it; amounts are minor units. */
interface Seen {
  readonly chargeId: string;
  readonly cabinetId: string;
  readonly provider: string;
  readonly reason: string | null;
  readonly totalMinor: number;
  readonly heldMinor: number;
  readonly disputedMinor: number;
  readonly contestedMinor: number;
  readonly paidMinor: number | null;
  readonly debitedMinor: number | null;
  /** What is to stay paid by now. */
  readonly dueMinor: number;
}

export interface PeopleOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly seed: number;
  /** What truly happened, the newest last: as those who call tell it. */
  readonly truths: readonly VisitTruth[];
  readonly costAt: Books['costAt'];
  /** What a provider's own pages say that it has debited, minor units; 0: nothing. */
  readonly debitedAt: (provider: string, orderId: string) => number;
  /** As the books name whoever pays. */
  readonly accountOf: (memberId: string) => string;
  /** Something is to be debited at once. */
  readonly onDebit: () => void;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
}

/** The operator's people: they decide about what waits for them, and keep an honest book of what they have decided. */
export class People {
  /** What they have said last, by charge. */
  readonly decided = new Map<string, Decision>();
  /** What they have charged by hand: SKU of each piece, by charge. */
  readonly byHand = new Map<string, readonly string[]>();
  /** What they have paid back at the desk: money like any other. */
  readonly handedBack: Movement[] = [];
  /** How often they have decided what. */
  readonly counts = new Map<string, number>();
  readonly #o: PeopleOptions;
  readonly #random: SeededRandom;

  constructor(options: PeopleOptions) {
    this.#o = options;
    this.#random = new SeededRandom(options.seed);
  }

  /** They go through everything that waits for them, and do some things of their own accord. */
  async look(): Promise<void> {
    await this.lookAtReports();
    await this.#lookAtWaiting();
    await this.#lookUpDoubts();
    await this.#beKind();
    await this.#answerCall();
    await this.#chargeByHand();
    await this.payBackByHand();
    await this.#closeIncidents();
  }

  /**
   * They pay back at the desk what was debited and the operator does not pay back by itself: of a charge that it may have lost
   * once. First they close it, so that nobody pays it twice.
   */
  async payBackByHand(): Promise<void> {
    const { db, clock, accountOf } = this.#o;
    const fromMs = clock.nowMs() - byHandAfterMs;
    const left = await this.#rows<{
      id: number;
      chargeId: string;
      memberId: string;
      amountMinor: number;
    }>(sql`
      select i.id::int as id, c.charge_id as "chargeId", c.member_id as "memberId", i.amount_minor as "amountMinor"
      from incident i join charge c on c.charge_id = i.charge_id
      where i.kind = 'refund_due' and i.resolved_at_ms is null and i.at_ms < ${fromMs} and c.contested_minor = 0
        and c.debited_minor is not null and not c.in_doubt
        and not exists (select 1 from refund r where r.charge_id = i.charge_id)
      order by i.id`);
    for (const { id, chargeId, memberId, amountMinor } of left) {
      const done = await resolveIncident({ db, clock }, id, { actor: 'anna', resolution: 'at the desk' });
      if (!done.ok) continue;
      this.#count('paid back at the desk');
      this.handedBack.push({
        ...{ provider: 'desk', orderId: chargeId, payer: accountOf(memberId) },
        amountMinor: -amountMinor,
      });
    }
  }

  /** They decide about all that was reported of what is paid by now. */
  async lookAtReports(): Promise<void> {
    for (const seen of await this.#seen(sql`state = 'paid' and contested_minor > 0`)) {
      const { dueMinor, contestedMinor } = seen;
      const paidMinor = seen.paidMinor ?? 0;
      const deniedMinor = Math.min(paidMinor, dueMinor + contestedMinor);
      // What was reported before the debit was not debited: there is nothing to deny.
      const isTrue = this.#random.chance(chances.agree) || deniedMinor <= dueMinor;
      const amountMinor = isTrue ? Math.min(paidMinor, dueMinor) : deniedMinor;
      // What was paid at the desk goes back there.
      const keptMinor = seen.debitedMinor === null ? 0 : amountMinor;
      await this.#decide(seen, isTrue ? 'waive' : 'deny_dispute', amountMinor, keptMinor);
    }
  }

  /** What waits for them: debited after all, written off, or paid at the desk. */
  async #lookAtWaiting(): Promise<void> {
    const fromMs = this.#o.clock.nowMs() - decideWithinMs;
    for (const seen of await this.#seen(sql`state = 'needs_attention' and first_at_ms > ${fromMs}`)) {
      if (this.#random.chance(chances.later)) continue;
      const { totalMinor, heldMinor, disputedMinor, paidMinor, debitedMinor, reason } = seen;
      const atProviderMinor = debitedMinor ?? 0;
      const ceilingMinor = totalMinor + heldMinor - disputedMinor;
      // Held lines released, dropped, or a part of all.
      const sums = [ceilingMinor, totalMinor - disputedMinor, Math.ceil(ceilingMinor / 2)];
      const [sumMinor = 0] = this.#random.shuffled(sums.filter((sum) => sum > 0));
      const how = this.#random.between(0, 3);
      const mayDebit = sumMinor > 0 && paidMinor === null && !notTheirs.includes(reason ?? '');
      if (how < 2 && mayDebit) await this.#decide(seen, 'debit', sumMinor, sumMinor);
      else if (how === 2 && ceilingMinor > 0)
        await this.#decide(seen, 'settled', ceilingMinor, atProviderMinor);
      else await this.#decide(seen, 'waive', paidMinor ?? 0, atProviderMinor);
    }
  }

  /** Of what a provider has not answered they say what its own pages say. */
  async #lookUpDoubts(): Promise<void> {
    const isOut = sql`in_doubt and asked_minor is not null and state in ('accepted', 'collecting')`;
    for (const seen of await this.#seen(isOut)) {
      const debitedMinor = this.#o.debitedAt(seen.provider, seen.chargeId);
      if (debitedMinor === 0 || this.decided.has(seen.chargeId) || !this.#random.chance(chances.lookUp))
        continue;
      await this.#decide(seen, 'debited', debitedMinor, debitedMinor);
    }
  }

  /** Something goes back of a purchase that nobody has complained of. */
  async #beKind(): Promise<void> {
    if (!this.#random.chance(chances.kindness)) return;
    const fromMs = this.#o.clock.nowMs() - decideWithinMs;
    const isPaid = sql`state = 'paid' and not in_doubt and contested_minor = 0 and paid_minor = debited_minor
      and resolved_how is null and paid_at_ms > ${fromMs}`;
    const [seen] = this.#random.shuffled(await this.#seen(isPaid));
    if (seen === undefined) return;
    const [amountMinor = 0] = this.#random.shuffled([0, Math.floor((seen.paidMinor ?? 0) / 2)]);
    await this.#decide(seen, 'waive', amountMinor, amountMinor);
  }

  /** Somebody calls about a purchase that has not come here yet, and has paid at the desk or need not pay. */
  async #answerCall(): Promise<void> {
    if (!this.#random.chance(chances.call)) return;
    const lately = this.#o.truths.slice(-callersMax).filter(({ goods }) => goods.length > 0);
    const [caller] = this.#random.shuffled(lately);
    if (caller === undefined || this.decided.has(caller.chargeId)) return;
    const { chargeId, cabinetId, goods, pricedMs } = caller;
    if ((await this.#seen(sql`charge_id = ${chargeId}`)).length > 0) return;
    const worthMinor = this.#o.costAt(goods, pricedMs[1]);
    const isPaid = this.#random.chance(0.5);
    await this.#say(chargeId, isPaid ? 'settled' : 'waive', isPaid ? worthMinor : 0, {
      cabinetId,
      keptMinor: 0,
    });
  }

  /**
   * Somebody says that they were not charged. They do not wait until nothing was heard for hours, as the console does: so its own
   * charge comes before, after or at the same moment.
   */
  async #chargeByHand(): Promise<void> {
    if (!this.#random.chance(chances.call)) return;
    const { db, clock, policy, catalog, onDebit } = this.#o;
    const lately = this.#o.truths.slice(-callersMax).filter(({ goods }) => goods.length > 0);
    const [caller] = this.#random.shuffled(lately);
    if (caller === undefined || this.decided.has(caller.chargeId)) return;
    const { chargeId, cabinetId, visitId, goods } = caller;
    const counts = new Map<string, number>();
    for (const sku of goods) counts.set(sku, (counts.get(sku) ?? 0) + 1);
    const named = [...goods];
    const done = await db.transaction((tx) =>
      makeChargeByHand(
        { db: tx, clock, policy, catalog, waitMs: 0 },
        {
          ...{ cabinetId, visitId: visitId as VisitId, by: 'anna', reason: 'they have called' },
          goods: [...counts].map(([sku, count]) => ({ sku, count })),
        },
      ),
    );
    if (!done.ok) return;
    this.byHand.set(chargeId, named);
    this.#count('charged by hand');
    onDebit();
  }

  /** What they have read they close; what is to be paid back closes when it is. */
  async #closeIncidents(): Promise<void> {
    const open = await this.#rows<{ id: number }>(sql`
      select id::int as id from incident where resolved_at_ms is null
        and kind not in ('refund_due', 'decision_not_heard') order by id limit ${incidentsMax}`);
    const { db, clock } = this.#o;
    for (const { id } of open) {
      const done = await resolveIncident({ db, clock }, id, { actor: 'anna', resolution: 'looked at' });
      if (done.ok) this.#count('incidents closed');
    }
  }

  #decide(
    { chargeId, cabinetId, disputedMinor }: Seen,
    decision: ResolveChargeRequest['decision'],
    amountMinor: number,
    keptMinor: number,
  ): Promise<void> {
    return this.#say(chargeId, decision, amountMinor, { cabinetId, disputedMinor, keptMinor });
  }

  async #say(
    chargeId: string,
    decision: ResolveChargeRequest['decision'],
    amountMinor: number,
    {
      keptMinor,
      ...seen
    }: { readonly cabinetId: string; readonly disputedMinor?: number; readonly keptMinor: number },
  ): Promise<void> {
    const { db, clock, onDebit } = this.#o;
    const said = { by: 'anna', decision, amountMinor, reason: `${decision}, as we have seen`, ...seen };
    const done = await resolveCharge({ db, clock }, chargeId as ChargeId, said);
    // Somebody was quicker, or more is reported: it is looked at again.
    if (!done.ok) return;
    this.decided.set(chargeId, { keptMinor, isToBeDebited: decision === 'debit' });
    this.#count(decision);
    if (decision === 'debit') onDebit();
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #seen(which: SQL): Promise<Seen[]> {
    return this.#rows<Seen>(sql`
      select charge_id as "chargeId", cabinet_id as "cabinetId", provider, reason, total_minor as "totalMinor",
        held_minor::int as "heldMinor", disputed_minor as "disputedMinor", contested_minor as "contestedMinor",
        paid_minor as "paidMinor", debited_minor as "debitedMinor",
        coalesce(approved_minor, total_minor - disputed_minor) as "dueMinor"
      from charge where ${which} order by charge_id`);
  }

  async #rows<T>(query: SQL): Promise<T[]> {
    const answer: unknown = await this.#o.db.execute(query);
    return (answer as { rows: T[] }).rows;
  }

  /** Something is decided to go back, or was asked for, and nobody has said yet how that ends. */
  async isWaiting(): Promise<boolean> {
    const waiting = await this.#rows(sql`
      select 1 from incident i join charge c on c.charge_id = i.charge_id
      where i.kind = 'refund_due' and i.resolved_at_ms is null and i.amount_minor > c.contested_minor
        and c.debited_minor is not null
        and not exists (select 1 from refund r where r.charge_id = i.charge_id and r.state = 'people')
      limit 1`);
    return waiting.length > 0;
  }
}
