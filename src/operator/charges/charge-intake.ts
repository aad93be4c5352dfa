import { sql } from 'drizzle-orm';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { pricesOf } from '../fleet/catalog-prices.ts';
import type { ApiFailure } from '../http/errors.ts';
import { chargeGroupMax, chargeGroupsMax } from '../limits.ts';
import { GroupedWork } from '../storage/grouped-work.ts';
import { writeNamed } from '../storage/named-writes.ts';
import { rowsAsJson } from '../storage/rows-as-json.ts';
import { charge, chargeEvent, chargeLine } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { differenceFrom } from '../visits/closings.ts';
import { lineRowsOf } from './charge-lines.ts';
import { replyFor } from './charge-reply.ts';
import { allLinesOf, evaluateCharge, toldMaxOf, toldMeansOf } from './evaluate-charge.ts';
import { pricedVisitsOf, promotionsOfVisits } from './promotion-check.ts';
import type { FrozenPromotions } from '../../shared/model/promotion.schema.ts';
import { newChargeRow } from './new-charge-row.ts';
import type { PlainFacts } from './plain-charges.ts';
import { lockTogether, readTogether } from './plain-charges.ts';
import type { ChargeOptions, ReadableCharge, SentCharge, TakenCharge } from './receive-charge.ts';
import { mayBeLost, readSent, receiveCharge } from './receive-charge.ts';

interface IntakeOptions extends ChargeOptions {
  readonly logger: Logger;
}

type NewRow = ReturnType<typeof newChargeRow>;

/**
 * Takes charges as `receiveCharge` does. Those that come at the same time and are plain (let in by a code, nothing else known
 * of them, to be debited as they are) are judged and written down together in one transaction, and each is answered after
 * its commit. Every other one is taken alone, as are all of a group that has failed: whether its commit was done
 * or not, the same charge again is the same answer.
 */
export class ChargeIntake {
  readonly #options: IntakeOptions;
  readonly #grouped: GroupedWork<ReadableCharge, TakenCharge | null>;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#grouped = new GroupedWork({
      sizeMax: chargeGroupMax,
      groupsMax: chargeGroupsMax,
      // Each is judged by what is written of the others of its member and its cabinet.
      keysOf: ({ body }) => [
        `charge ${body.chargeId}`,
        `visit ${body.visitId}`,
        `cabinet ${body.cabinetId}`,
        `member ${body.memberId}`,
      ],
      work: (charges) => this.#takeTogether(charges),
    });
  }

  /** See `receiveCharge`. */
  async receive(
    cabinetId: string,
    chargeIdInPath: string,
    sent: SentCharge,
  ): Promise<Result<TakenCharge, ApiFailure>> {
    const read = readSent(cabinetId, chargeIdInPath, sent);
    if (!read.ok) return read;
    const taken = this.#mayBePlain(read.value) ? await this.#grouped.do(read.value) : null;
    return taken === null ? receiveCharge(this.#options, read.value) : ok(taken);
  }

  #mayBePlain({ admission, sentBefore }: ReadableCharge): boolean {
    const isWithPeople = (sentBefore?.withPeople ?? null) !== null;
    return admission === undefined && !isWithPeople && !mayBeLost(this.#options, sentBefore);
  }

  /** Null: to be taken alone. */
  async #takeTogether(charges: readonly ReadableCharge[]): Promise<(TakenCharge | null)[]> {
    const { db, logger } = this.#options;
    try {
      return await db.transaction((tx) => takeTogether(tx, this.#options, charges));
    } catch (error) {
      logger.warn('charges_not_taken_together', { count: charges.length, error: String(error) });
      return charges.map(() => null);
    }
  }
}

async function takeTogether(
  tx: Db,
  options: IntakeOptions,
  charges: readonly ReadableCharge[],
): Promise<(TakenCharge | null)[]> {
  const { clock, catalog } = options;
  const none = charges.map(() => null);
  const numbers = await lockTogether(
    tx,
    charges.map(({ body }) => body),
  );
  const locked = numbers.flatMap((n) => charges[n] ?? []);
  if (locked.length === 0) return none;
  const facts = await readTogether(
    tx,
    clock,
    catalog.catalog.currency,
    locked.map(({ body }) => body),
  );
  const skus = locked.flatMap(({ body }) => allLinesOf(body).map(({ sku }) => sku));
  const prices = await pricesOf(tx, clock, catalog.catalog, skus);
  const visits = locked.map(({ body }, n) => {
    const of = facts.get(n);
    // None of those that are taken together was let in by its cabinet alone.
    return pricedVisitsOf(body, of?.allowedAtMs ?? null, toldMeansOf(of?.told ?? ''))[0];
  });
  const promotions = await promotionsOfVisits(tx, visits);
  const judged = locked.flatMap((one, n) => {
    const row = judge(options, one, facts.get(n), prices, promotions[n] ?? null);
    return row === null ? [] : { ...one, row };
  });
  const written = await write(tx, judged, clock.nowMs());
  return charges.map(({ body: { chargeId } }) => {
    const row = written.has(chargeId) ? judged.find((one) => one.row.chargeId === chargeId)?.row : undefined;
    return row === undefined ? null : { fresh: true, provider: row.provider ?? null, reply: replyFor(row) };
  });
}

/** The row of a charge that is to be debited and of which nobody is to be told; null: it is none. */
function judge(
  { clock, policy, catalog }: IntakeOptions,
  { body, canonical, bodyHash }: ReadableCharge,
  facts: PlainFacts | undefined,
  prices: (sku: string) => readonly number[],
  promotions: FrozenPromotions | null,
): NewRow | null {
  if (facts === undefined || facts.isSpecial || facts.allowedAtMs === null) return null;
  const { allowedAtMs, closing, provider, memberDayMinor, cabinetDayMinor } = facts;
  if (differenceFrom({ isListed: false, closing }, body) !== null) return null;
  const nowMs = clock.nowMs();
  const verdict = evaluateCharge(body, policy, {
    nowMs,
    allowedAtMs,
    entry: 'code',
    toldMaxMinor: toldMaxOf(facts.told),
    offline: null,
    charged: false,
    currency: catalog.catalog.currency,
    pricesOf: prices,
    promotions: [promotions],
    memberDayMinor,
    cabinetDayMinor,
    provider,
  });
  if (verdict.state !== 'accepted' || verdict.incident !== null) return null;
  const more = { disputedMinor: null, visitKnown: true, mayBeDebited: false };
  return newChargeRow({ body, canonical, bodyHash, verdict, provider, ...more }, nowMs);
}

/** Writes them down in one statement; gives the numbers of those that were not here. */
async function write(
  tx: Db,
  judged: readonly (ReadableCharge & { readonly row: NewRow })[],
  atMs: number,
): Promise<ReadonlySet<string>> {
  if (judged.length === 0) return new Set();
  const rows = rowsAsJson(
    charge,
    judged.map(({ row }) => row),
  );
  const lines = rowsAsJson(
    chargeLine,
    judged.flatMap(({ body }) => lineRowsOf(body)),
  );
  const events = rowsAsJson(
    chargeEvent,
    judged.map(({ row: { chargeId }, bodyHash: detail }) => ({
      chargeId,
      atMs,
      kind: 'received' as const,
      detail,
    })),
  );
  const ofTaken = sql`where charge_id in (select charge_id from taken)`;
  const taken = await writeNamed(tx, {
    name: 'kaimen_take_charges',
    parts: [
      [
        'taken',
        sql`insert into charge (${rows.columns}) select ${rows.columns} from ${rows.from}
          on conflict do nothing returning charge_id`,
      ],
      [
        'lines',
        sql`insert into charge_line (${lines.columns}) select ${lines.columns} from ${lines.from} ${ofTaken}`,
      ],
      [
        'events',
        sql`insert into charge_event (${events.columns}) select ${events.columns} from ${events.from} ${ofTaken}`,
      ],
    ],
    from: sql`taken`,
    columns: { chargeId: 'charge_id' },
  });
  return new Set(taken.map(({ chargeId }) => chargeId));
}
