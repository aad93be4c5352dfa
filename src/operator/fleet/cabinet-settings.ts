import { and, desc, eq, max, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { OrderSettings, ShownCabinetSettings } from '../../shared/console/settings.schema.ts';
import { settingFields } from '../../shared/model/cabinet-settings.schema.ts';
import {
  type SettingsOrder,
  type SettingsReport,
  settingsOrderSchema,
  settingsReportSchema,
} from '../../shared/model/settings-order.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { recordAct } from '../staff/act-log.ts';
import type { Administrator } from '../staff/accounts.ts';
import type { StaffKeys } from '../staff/seal.ts';
import { isStillHere, notHere } from '../staff/sessions.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import { cabinet, cabinetSettings, cabinetSettingsReport } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { keepNewestWord } from './newest-word.ts';
import { versionAfter } from './versions.ts';

/** Of one cabinet: so many orders are kept. */
const ordersOfCabinetMax = 20;
/** A cabinet that was cut off for longer does not begin with an order of before. */
const orderLifeMs = 30 * 86_400_000;

type Row = typeof cabinetSettings.$inferSelect;
type Told = SettingsReport & { readonly receivedAtMs: number };
type Changes = SettingsOrder['changes'];

const changesSchema = settingsOrderSchema.shape.changes;
const changesOf = ({ changes }: Pick<Row, 'changes'>): Changes => changesSchema.parse(JSON.parse(changes));
const endsAtMs = ({ madeAtMs }: Pick<Row, 'madeAtMs'>): number => madeAtMs + orderLifeMs;

async function newestOrder(db: Db, cabinetId: string): Promise<Row | null> {
  const isOf = eq(cabinetSettings.cabinetId, cabinetId);
  const newest = desc(cabinetSettings.version);
  const [row] = await db.select().from(cabinetSettings).where(isOf).orderBy(newest).limit(1);
  return row ?? null;
}

async function reportOf(db: Db, cabinetId: string): Promise<Told | null> {
  const isOf = eq(cabinetSettingsReport.cabinetId, cabinetId);
  const [row] = await db.select().from(cabinetSettingsReport).where(isOf);
  if (row === undefined) return null;
  return { ...settingsReportSchema.parse(JSON.parse(row.body)), receivedAtMs: row.receivedAtMs };
}

const isKnownThere = (report: Told | null, changes: Changes): boolean =>
  report !== null && Object.keys(changes).every((name) => report.knows.includes(name));

/** What this cabinet is told; null: nothing, or nothing that its program knows, or it has ended. */
export async function settingsOrderFor(
  db: Db,
  clock: Clock,
  cabinetId: string,
): Promise<SettingsOrder | null> {
  const row = await newestOrder(db, cabinetId);
  if (row === null || endsAtMs(row) <= clock.nowMs()) return null;
  const changes = changesOf(row);
  if (!isKnownThere(await reportOf(db, cabinetId), changes)) return null;
  const { version, seenVersion, madeBy, madeAtMs } = row;
  const times = { issuedAtMs: madeAtMs, expiresAtMs: endsAtMs(row) };
  return settingsOrderSchema.parse({ version, ...times, cabinetId, seenVersion, by: madeBy, changes });
}

/** Takes a cabinet's word; the one that was signed last counts. */
export async function receiveSettingsReport(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  signer: Signer,
  report: SettingsReport,
): Promise<Result<void, ApiFailure>> {
  return whileKeyHolds(db, signer, (tx) =>
    keepNewestWord(tx, cabinetSettingsReport, signer, clock.nowMs(), { body: JSON.stringify(report) }),
  );
}

/** The settings of a cabinet as it has said, and how far the newest order is. */
export async function readCabinetSettings(
  db: Db,
  clock: Clock,
  cabinetId: string,
): Promise<ShownCabinetSettings> {
  const [row, report] = [await newestOrder(db, cabinetId), await reportOf(db, cabinetId)];
  const fields = settingFields().filter(({ name }) => report?.knows.includes(name) === true);
  return {
    cabinetId,
    fields,
    report: report && shownReport(report),
    order: row && shownOrder(row, report, clock),
  };
}

function shownReport({
  version,
  values,
  waiting,
  versions,
  receivedAtMs,
}: Told): ShownCabinetSettings['report'] {
  return { version, values, waiting, versions, receivedAtMs };
}

function shownOrder(row: Row, report: Told | null, clock: Clock): NonNullable<ShownCabinetSettings['order']> {
  const { version, madeBy, madeAtMs } = row;
  const changes = changesOf(row);
  const answer = report?.answer?.version === version ? report.answer : null;
  const common = {
    version,
    changes,
    madeBy,
    madeAtMs,
    left: answer?.left ?? [],
    refused: answer?.refused ?? null,
  };
  if (answer !== null) return { ...common, state: answer.refused === null ? 'done' : 'refused' };
  if (endsAtMs(row) <= clock.nowMs()) return { ...common, state: 'ended' };
  return { ...common, state: isKnownThere(report, changes) ? 'waits' : 'unknown_there' };
}

/**
 * A new order for one cabinet. What an order before it wanted and the cabinet has not answered yet goes with it, as it was seen
 * then: only the newest order is ever fetched.
 */
export async function orderSettings(
  { db, clock, keys }: { readonly db: Db; readonly clock: Clock; readonly keys: StaffKeys },
  actor: Administrator,
  { cabinetId, changes, seenVersion, reason }: { readonly cabinetId: string } & OrderSettings,
): Promise<Result<{ version: number }, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<{ version: number }, ConsoleFailure>> => {
    if (!(await isStillHere(tx, actor))) return notHere;
    await lockOneAtATime(tx, 'cabinetSettings');
    if ((await tx.$count(cabinet, eq(cabinet.cabinetId, cabinetId))) === 0)
      return fail('not_found', 'no such cabinet');
    const report = await reportOf(tx, cabinetId);
    if (report?.version !== seenVersion) return fail('conflict', 'its settings are other ones now');
    if (!isKnownThere(report, changes as Changes)) return fail('conflict', 'its program does not know them');
    const before = await newestOrder(tx, cabinetId);
    const pending = before !== null && isPending(before, report, clock) ? before : null;
    // What its program does not know any more would keep all of it back.
    const waiting = Object.entries(pending === null ? {} : changesOf(pending)).filter(([name]) =>
      report.knows.includes(name),
    );
    const row = {
      cabinetId,
      version: await nextVersion(tx, clock),
      seenVersion: Math.min(seenVersion, pending?.seenVersion ?? seenVersion),
      changes: JSON.stringify({ ...Object.fromEntries(waiting), ...changes }),
      ...{ madeBy: actor.name, madeAtMs: clock.nowMs() },
    };
    await tx.insert(cabinetSettings).values(row);
    const oldest = sql`(select version from ${cabinetSettings} where cabinet_id = ${cabinetId}
      order by version desc offset ${ordersOfCabinetMax} limit 1)`;
    const isOld = sql`${cabinetSettings.version} <= ${oldest}`;
    await tx.delete(cabinetSettings).where(and(eq(cabinetSettings.cabinetId, cabinetId), isOld));
    await recordAct(tx, clock, keys.logKey, actor, {
      ...{ act: 'settings_order', subject: `cabinet:${cabinetId}`, reason },
      before: Object.fromEntries(Object.keys(changes).map((name) => [name, report.values[name] ?? null])),
      after: { version: row.version, ...changes },
    });
    return ok({ version: row.version });
  });
}

/** The cabinet may still come to do it, or has done it and not said so. */
function isPending(order: Row, { answer }: Told, clock: Clock): boolean {
  return order.version > (answer?.version ?? 0) && endsAtMs(order) > clock.nowMs();
}

async function nextVersion(tx: Db, clock: Clock): Promise<number> {
  const [newest] = await tx.select({ version: max(cabinetSettings.version) }).from(cabinetSettings);
  return versionAfter(newest?.version, clock);
}
