import { desc, eq, isNotNull, or, gt } from 'drizzle-orm';
import { type RollOutState, type Updates, rollOutStates } from '../../shared/console/updates.schema.ts';
import { compareVersions, releaseVersionPattern, shareParts } from '../../shared/model/release-version.ts';
import { rollOutShare } from '../../shared/node/roll-out-share.ts';
import { cabinet, cabinetInForce, updateReport } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { usefulnessOf } from './release-usefulness.ts';
import { type OrderBody, newestOrder, pinnedCabinets } from './update-orders.ts';

/** So many of those where a version has failed are listed. */
const failuresListedMax = 200;

/** A cabinet, and what it has said of its updates. */
interface Said {
  readonly cabinetId: string;
  readonly app: string | null;
  readonly report: typeof updateReport.$inferSelect | null;
}

/** Whether the fleet's order is for this cabinet: its share, where it is not pinned. */
function inTurn(order: OrderBody | null, pinned: ReadonlySet<string>, cabinetId: string): boolean {
  if (order?.release == null || pinned.has(cabinetId)) return false;
  return rollOutShare(order.release, cabinetId) < (order.percent * shareParts) / 100;
}

/** How many cabinets there are, and how many of them the fleet's order is for. */
export async function reachOf(
  db: Db,
  order: OrderBody | null,
): Promise<{ readonly cabinets: number; readonly reached: number; readonly pinned: number }> {
  const { cabinetId } = cabinet;
  const rows = await db.select({ cabinetId }).from(cabinet).where(isNotNull(cabinet.enrolledAtMs));
  const pinned = new Set((await pinnedCabinets(db)).map((one) => one.cabinetId));
  const reached = rows.filter((row) => inTurn(order, pinned, row.cabinetId)).length;
  return { cabinets: rows.length, reached, pinned: pinned.size };
}

/** What cabinets are to run, what they run, how far they are, and where it failed. */
export async function readUpdates(db: Db): Promise<Updates> {
  const order = await newestOrder(db, null);
  const pinned = await pinnedCabinets(db);
  const cabinets: Said[] = await db
    .select({ cabinetId: cabinet.cabinetId, app: cabinetInForce.app, report: updateReport })
    .from(cabinet)
    .leftJoin(updateReport, eq(updateReport.cabinetId, cabinet.cabinetId))
    .leftJoin(cabinetInForce, eq(cabinetInForce.cabinetId, cabinet.cabinetId))
    .where(isNotNull(cabinet.enrolledAtMs));
  const apart = new Set(pinned.map(({ cabinetId }) => cabinetId));
  const turn = new Set(cabinets.filter((one) => inTurn(order, apart, one.cabinetId)));
  const wanted = order?.release ?? null;
  return {
    order,
    pinned,
    cabinets: cabinets.length,
    rollOut: wanted === null ? null : countedStates(turn, wanted),
    versions: versionsOf(cabinets, turn),
    usefulness: wanted === null ? [] : await usefulnessOf(db, wanted),
    failures: await readFailures(db),
  };
}

/** How far a cabinet is with this release. */
function stateOf({ app, report }: Said, wanted: string): RollOutState {
  if ((report?.running ?? app) === wanted) return 'have';
  if (report === null) return 'silent';
  // Of an order of before: it has not heard of this one yet.
  if (report.wanted !== wanted || report.state === 'idle') return 'waiting';
  return report.state;
}

function countedStates(all: Iterable<Said>, wanted: string): Record<RollOutState, number> {
  const counts = Object.fromEntries(rollOutStates.map((state) => [state, 0])) as Record<RollOutState, number>;
  for (const one of all) counts[stateOf(one, wanted)]++;
  return counts;
}

function versionsOf(cabinets: readonly Said[], turn: ReadonlySet<Said>): Updates['versions'] {
  const versions = new Map<string | null, { inTurn: number; others: number }>();
  for (const one of cabinets) {
    const version = one.report?.running ?? one.app;
    const counts = versions.get(version) ?? { inTurn: 0, others: 0 };
    versions.set(version, counts);
    counts[turn.has(one) ? 'inTurn' : 'others']++;
  }
  return [...versions].map(([version, counts]) => ({ version, ...counts })).sort(newestFirst);
}

/** What is no version of a release stands last. */
function newestFirst(a: Updates['versions'][number], b: Updates['versions'][number]): number {
  const isOne = (version: string | null): version is string => releaseVersionPattern.test(version ?? '');
  if (isOne(a.version) && isOne(b.version)) return compareVersions(b.version, a.version);
  return Number(isOne(b.version)) - Number(isOne(a.version));
}

async function readFailures(db: Db): Promise<Updates['failures']> {
  const { cabinetId, wanted, failures, detail, receivedAtMs } = updateReport;
  return db
    .select({ cabinetId, wanted, count: failures, detail, atMs: receivedAtMs })
    .from(updateReport)
    .where(or(gt(failures, 0), eq(updateReport.state, 'failed')))
    .orderBy(desc(receivedAtMs))
    .limit(failuresListedMax);
}
