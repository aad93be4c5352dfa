import { type SQL, and, count, eq, isNotNull, isNull, like, not, or, sql } from 'drizzle-orm';
import { type AlarmShare, alarmShareOf, moneyAlarms, serviceAlarms } from '../../shared/api/alarm-share.ts';
import { askedIn } from '../../shared/api/asked-charge.ts';
import type { Alarm } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { alarmsOfKindMax, alarmsOfKindPerMs } from '../limits.ts';
import { addIncident } from '../support/incidents.ts';
import { alarm } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

/**
 * Keeps what staff shall know. A repeat of the same alarm (its answer was lost) is the same alarm. Of one kind and share
 * (`alarmShareOf`) only so many a day are listed; those beyond are answered like the others, because a cabinet sends its
 * alarms in their order, and one that is refused would hold up those behind it.
 */
export async function receiveAlarm(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  cabinetId: string,
  { kind, visitId, atMs, detail }: Alarm,
): Promise<Result<void, never>> {
  const receivedAtMs = clock.nowMs();
  const isLately = and(
    eq(alarm.cabinetId, cabinetId),
    eq(alarm.kind, kind),
    ofShare(alarmShareOf({ visitId, detail })),
    isWithin(alarm.receivedAtMs, receivedAtMs, alarmsOfKindPerMs),
  );
  const [lately] = await db.select({ listed: count() }).from(alarm).where(isLately);
  const leftCount = alarmsOfKindMax - (lately?.listed ?? 0);
  if (leftCount <= 0) return ok();
  const words = leftCount === 1 ? `${detail}; more of this kind are not listed today` : detail;
  await db.transaction(async (tx) => {
    const listed = await tx
      .insert(alarm)
      .values({ cabinetId, kind, visitId, atMs, detail: JSON.stringify(words), receivedAtMs })
      .onConflictDoNothing()
      .returning({ atMs: alarm.atMs });
    const asked = askedIn(detail);
    // Of a charge that is not here (yet) it stands in the list all the same, with the cabinet that has asked.
    if (asked !== null && listed.length > 0)
      await addIncident(tx, clock, 'charge_asked', cabinetId, asked.chargeId, `${asked.why}, by ${asked.by}`);
  });
  return ok();
}

/** As `alarmShareOf`, of what is stored. */
function ofShare(share: AlarmShare): SQL | undefined {
  const [isMoney, isService] = [begins(moneyAlarms), begins(serviceAlarms)];
  if (share === 'money') return isMoney;
  if (share === 'service') return isService;
  return and(
    not(isMoney),
    not(isService),
    share === 'visit' ? isNotNull(alarm.visitId) : isNull(alarm.visitId),
  );
}

/** Its words are JSON there, and `_` stands for any character in a pattern. */
function begins(words: readonly string[]): SQL {
  return or(...words.map((word) => like(alarm.detail, `"${word.replaceAll('_', '\\_')}%`))) ?? sql`false`;
}
