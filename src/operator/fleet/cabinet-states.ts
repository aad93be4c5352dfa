import { eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { CabinetNow, SaidByCabinet } from '../../shared/console/fleet.schema.ts';
import {
  type StateReport,
  stateReportEveryMs,
  stateReportSchema,
} from '../../shared/model/state-report.schema.ts';
import type { Result } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { cabinetState } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { keepNewestWord } from './newest-word.ts';

/** Two words in a row may be lost, or late; who is not heard for longer is cut off, or off. */
export const silentAfterMs = 2.5 * stateReportEveryMs;

type Row = typeof cabinetState.$inferSelect;

/** Takes a cabinet's word about how it is; the one that was signed last counts. */
export async function receiveStateReport(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  signer: Signer,
  report: StateReport,
): Promise<Result<void, ApiFailure>> {
  return whileKeyHolds(db, signer, (tx) =>
    keepNewestWord(tx, cabinetState, signer, clock.nowMs(), { body: JSON.stringify(report) }),
  );
}

/** Null: nothing that can be read; one that cannot costs no other cabinet its line. */
function reportOf(row: Pick<Row, 'body'> | null | undefined): StateReport | null {
  const said = stateReportSchema.safeParse(row ? JSON.parse(row.body) : null);
  return said.success ? said.data : null;
}

function isSilentAt({ receivedAtMs }: Pick<Row, 'receivedAtMs'>, nowMs: number): boolean {
  return nowMs - receivedAtMs > silentAfterMs;
}

/** How a cabinet is, as a list shows it; null: it has not said (yet, or its program is too old for it). */
export function cabinetNowOf(
  row: Pick<Row, 'body' | 'receivedAtMs'> | null,
  nowMs: number,
): CabinetNow | null {
  const said = reportOf(row);
  if (row === null || said === null) return null;
  const { state, reason, sinceMs, devices, temperature } = said;
  return {
    state,
    reason,
    sinceMs,
    heardAtMs: row.receivedAtMs,
    isSilent: isSilentAt(row, nowMs),
    troubleCount: devices.filter(({ trouble }) => trouble !== null).length,
    milliC: temperature?.milliC ?? null,
    isSpoilt: temperature?.isSpoilt ?? false,
  };
}

/** All that it has said of itself last; null: nothing. */
export async function readSaidByCabinet(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  cabinetId: string,
): Promise<SaidByCabinet | null> {
  const [row] = await db.select().from(cabinetState).where(eq(cabinetState.cabinetId, cabinetId));
  const said = reportOf(row);
  if (row === undefined || said === null) return null;
  return { ...said, heardAtMs: row.receivedAtMs, isSilent: isSilentAt(row, clock.nowMs()) };
}
