import { and, eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { CatalogList, GoodsCheckRequest, GoodsDraft } from '../../shared/console/goods.schema.ts';
import type { SetUp } from '../../shared/console/fleet.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Random } from '../../shared/random.ts';
import { listCabinets, versionOfPlace, versionOfToken } from '../fleet/cabinet-list.ts';
import { readSaidByCabinet } from '../fleet/cabinet-states.ts';
import type { CatalogInForce } from '../fleet/catalog-in-force.ts';
import type { KnownCatalog } from '../fleet/catalog-in-force.ts';
import { listCatalogs } from '../fleet/catalog-in-force.ts';
import { keepPicture } from '../fleet/goods-pictures.ts';
import { listSupportBundles, takeSupportBundle } from '../fleet/support-bundles.ts';
import { readPromotions, tryPromotions } from '../fleet/promotion-acts.ts';
import { LowStock } from '../fleet/low-stock.ts';
import { readUpdates } from '../fleet/roll-out.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import { tooMany } from '../http/page-errors.ts';
import { RateLimit } from '../http/rate-limit.ts';
import type { Policy } from '../limits.ts';
import { consoleGoodsChecks, enrolTokenLifetimeMs } from '../limits.ts';
import { recordAct } from '../staff/act-log.ts';
import { isStillHere, notHere } from '../staff/sessions.ts';
import type { StaffKeys } from '../staff/seal.ts';
import { hasChanged } from '../staff/seen-version.ts';
import { cabinet, member, staffAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { SignedIn } from './console-gate.ts';
import type { ConsoleFailure } from './errors.ts';
import { consoleFailureOf } from './errors.ts';
import { checkGoods, picturesInFile } from './goods-check.ts';
import type { ConsoleHandlers } from './handlers.ts';
import { someone } from './staff-handlers.ts';

export interface FleetParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: StaffKeys;
  readonly served: CatalogInForce;
  readonly policy: Policy;
  /** The key that signs our answers, which a token names: the cabinet believes no other. */
  readonly answerKey: () => Promise<string>;
  /** Merchants by which money is moved. */
  readonly merchants: readonly string[];
}

/** What is set up, and what lets the next cabinet in. */
export function fleetHandlers(
  parts: FleetParts,
): Pick<
  ConsoleHandlers,
  | 'setUp'
  | 'cabinets'
  | 'cabinet'
  | 'cabinetToken'
  | 'placeCabinet'
  | 'checkGoods'
  | 'draftGoods'
  | 'catalogs'
  | 'addPicture'
  | 'goodsFilePictures'
  | 'supportBundles'
  | 'takeSupportBundle'
  | 'updates'
  | 'promotions'
  | 'tryPromotions'
> {
  const { db, clock, random, keys } = parts;
  const checks = new RateLimit(clock, consoleGoodsChecks);
  const pictureReads = new RateLimit(clock, consoleGoodsChecks);
  const lowStock = new LowStock();
  /** Seconds until another spreadsheet may be tried; 0: this one is. */
  const waitSOf = (bound: RateLimit): number => {
    const waitS = bound.waitS('all');
    if (waitS === 0) bound.take('all');
    return waitS;
  };
  return {
    checkGoods: async ({ body }) => {
      const waitS = waitSOf(checks);
      if (waitS > 0) return tooMany(waitS);
      await parts.served.refresh();
      return ok(checkGoods(parts.served, body).check);
    },
    draftGoods: async ({ who, body }) => {
      const waitS = waitSOf(checks);
      return waitS > 0 ? tooMany(waitS) : draftGoods(parts, someone(who), body);
    },
    goodsFilePictures: ({ body }) => {
      const waitS = waitSOf(pictureReads);
      return Promise.resolve(waitS > 0 ? tooMany(waitS) : ok(picturesInFile(body)));
    },
    addPicture: async ({ body }) => {
      const kept = await keepPicture(db, clock, Buffer.from(body.data, 'base64'));
      return kept.ok ? ok({ name: kept.value }) : { ok: false, error: consoleFailureOf(kept.error) };
    },
    supportBundles: async ({ params: { cabinetId } }) => ok(await listSupportBundles(db, cabinetId)),
    takeSupportBundle: ({ who, params, body }) =>
      takeSupportBundle(parts, someone(who), { ...params, ...body }),
    updates: async () => ok(await readUpdates(db)),
    promotions: async () => ok(await readPromotions(parts)),
    tryPromotions: ({ body }) => Promise.resolve(ok(tryPromotions(parts, body))),
    catalogs: async () => ok(catalogListOf(await listCatalogs(db))),
    placeCabinet: async ({ who, params: { cabinetId }, body: { place, at, reason, version } }) =>
      db.transaction(async (tx): Promise<Result<void, ConsoleFailure>> => {
        const found = await lockCabinet(tx, someone(who), cabinetId);
        if (!found.ok) return found;
        const known = found.value;
        if (known === undefined) return fail('not_found', 'no such cabinet: give it a token first');
        if (versionOfPlace(known) !== version) return hasChanged;
        const { place: text, latitude, longitude } = known;
        const set = { latitude: at?.latitude ?? null, longitude: at?.longitude ?? null };
        await tx
          .update(cabinet)
          .set({ place: JSON.stringify(place), ...set })
          .where(eq(cabinet.cabinetId, cabinetId));
        await recordAct(tx, clock, keys.logKey, someone(who), {
          ...{ act: 'cabinet_place', subject: `cabinet:${cabinetId}`, reason },
          before: { place: text === null ? null : (JSON.parse(text) as unknown), latitude, longitude },
          after: { place, ...set },
        });
        return ok();
      }),
    setUp: async () => ok(await readSetUp(parts)),
    cabinets: async () => {
      const low = await lowStock.read(parts);
      const known = await listCabinets(db, clock);
      return ok(known.map((one) => ({ ...one, lowCount: low.get(one.cabinetId) ?? null })));
    },
    cabinet: async ({ params: { cabinetId } }) => {
      const [known] = await listCabinets(db, clock, cabinetId);
      if (known === undefined) return fail('not_found', 'no such cabinet');
      return ok({ ...known, said: await readSaidByCabinet(parts, cabinetId) });
    },
    cabinetToken: async ({ who, params: { cabinetId }, body: { reason, version } }) => {
      const answerKey = await parts.answerKey();
      const given = await db.transaction(async (tx): Promise<Result<Given, ConsoleFailure>> => {
        const found = await lockCabinet(tx, someone(who), cabinetId);
        if (!found.ok) return found;
        const known = found.value;
        if ((known === undefined ? null : versionOfToken(known)) !== version) return hasChanged;
        const token = await issueEnrolToken(tx, clock, random, cabinetId, answerKey);
        const endsAtMs = clock.nowMs() + enrolTokenLifetimeMs;
        // Never the token itself: it lets a machine in.
        await recordAct(tx, clock, keys.logKey, someone(who), {
          ...{ act: 'cabinet_token', subject: `cabinet:${cabinetId}`, reason },
          before: { enrolledAtMs: known?.enrolledAtMs ?? null },
          after: { tokenEndsAtMs: endsAtMs },
        });
        return ok({ token, endsAtMs });
      });
      if (!given.ok) return given;
      const forCabinet = JSON.stringify({ cabinetId, enrolToken: given.value.token });
      return ok({ cabinetId, ...given.value, forCabinet });
    },
  };
}

/** What is tried and nothing is wrong with is kept, for the act that puts it in force. */
async function draftGoods(
  { db, clock, keys, served }: FleetParts,
  who: SignedIn,
  body: GoodsCheckRequest,
): Promise<Result<GoodsDraft, ConsoleFailure>> {
  await served.refresh();
  const { check, served: made } = checkGoods(served, body);
  if (made === null) return ok({ check, number: null });
  return db.transaction(async (tx): Promise<Result<GoodsDraft, ConsoleFailure>> => {
    if (!(await isStillHere(tx, who))) return notHere;
    const kept = await served.draft(tx, made, who.name);
    if (!kept.ok) return { ok: false, error: consoleFailureOf(kept.error) };
    const number = kept.value;
    await recordAct(tx, clock, keys.logKey, who, {
      ...{ act: 'goods_drafted', subject: `catalog:${number}`, reason: '', before: null },
      after: { catalog: made.catalog.version, articles: made.catalog.products.length },
    });
    return ok({ check, number });
  });
}

function catalogListOf(rows: readonly KnownCatalog[]): CatalogList {
  return {
    inForce: rows.find(({ putOrder }) => putOrder !== null)?.number ?? null,
    catalogs: rows.map(({ putOrder, ...row }) => ({ ...row, wasInForce: putOrder !== null })),
  };
}

interface Given {
  readonly token: string;
  readonly endsAtMs: number;
}

/** For somebody who is still here; undefined: no such cabinet yet. */
async function lockCabinet(
  tx: Db,
  who: SignedIn,
  cabinetId: string,
): Promise<Result<typeof cabinet.$inferSelect | undefined, ConsoleFailure>> {
  if (!(await isStillHere(tx, who))) return notHere;
  const [known] = await tx.select().from(cabinet).where(eq(cabinet.cabinetId, cabinetId)).for('update');
  return ok(known);
}

async function readSetUp({ db, clock, served, merchants }: FleetParts): Promise<SetUp> {
  await served.refresh();
  const { version, currency, products } = served.catalog;
  const cabinets = await listCabinets(db, clock);
  const isActive = eq(staffAccount.state, 'active');
  const people = await db.$count(staffAccount, isActive);
  const admins = await db.$count(staffAccount, and(isActive, eq(staffAccount.role, 'admin')));
  const [anybody] = await db.select({ memberId: member.memberId }).from(member).limit(1);
  return {
    catalog: { version, currency, articles: products.length },
    providers: merchants,
    cabinets: {
      enrolled: cabinets.filter(({ enrolledAtMs }) => enrolledAtMs !== null).length,
      waiting: cabinets.filter(({ tokenEndsAtMs }) => tokenEndsAtMs !== null).length,
    },
    people: { active: people, admins },
    hasMembers: anybody !== undefined,
  };
}
