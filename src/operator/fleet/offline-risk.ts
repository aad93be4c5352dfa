import { and, count, eq, isNotNull, isNull } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Policy } from '../limits.ts';
import { offlineRiskToldEveryMs } from '../limits.ts';
import { cabinet, incident } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import { addIncident } from '../support/incidents.ts';

/** Who may come to owe it: all members together, or one who goes to each of the cabinets. */
const debtors = ['fleet', 'member'] as const;

/** What may come to be owed while all cabinets are offline, minor units of the catalogue's currency, and its bound. */
export interface OfflineRisk {
  readonly of: (typeof debtors)[number];
  readonly cabinets: number;
  readonly minor: number;
  readonly maxMinor: number;
}

/**
 * Nobody but the operator can know these sums: each cabinet keeps its own caps, and knows of no other. Of all cabinets that
 * have enrolled, each with all that its caps leave. Zero where nobody opens offline. Rejects as the database does.
 */
export async function offlineRisksOf(db: Db, policy: Policy): Promise<readonly OfflineRisk[]> {
  const { offline, offlineRiskMax } = policy;
  const [found] = await db.select({ cabinets: count() }).from(cabinet).where(isNotNull(cabinet.publicKey));
  const cabinets = found?.cabinets ?? 0;
  const capOf = { fleet: offline?.cabinetSumMinor ?? 0, member: offline?.memberSumMinor ?? 0 };
  const boundOf = { fleet: offlineRiskMax.fleetMinor, member: offlineRiskMax.memberMinor };
  return debtors.map((of) => ({ of, cabinets, minor: cabinets * capOf[of], maxMinor: boundOf[of] }));
}

/**
 * Tells people while a sum is beyond its bound: more cabinets, or wider caps, than whoever set the bound had in mind. It closes
 * itself once all are within; what people close while it is so is told again after a day. It changes no cap: that is for
 * people. One instance at a time, within a transaction.
 */
export async function watchOfflineRisk(tx: Db, clock: Clock, policy: Policy): Promise<void> {
  const kind = 'offline_risk_high';
  const risks = await offlineRisksOf(tx, policy);
  const beyond = risks.filter(({ minor, maxMinor }) => minor > maxMinor);
  const nowMs = clock.nowMs();
  if (beyond.length === 0) {
    await tx
      .update(incident)
      .set({ actor: 'operator', resolution: 'within its bound again', resolvedAtMs: nowMs })
      .where(and(eq(incident.kind, kind), isNull(incident.resolvedAtMs)));
    return;
  }
  const isLately = and(eq(incident.kind, kind), isWithin(incident.atMs, nowMs, offlineRiskToldEveryMs));
  const lately = await tx.select({ id: incident.id }).from(incident).where(isLately).limit(1);
  if (lately.length > 0) return;
  const said = beyond.map(({ of, cabinets, minor, maxMinor }) => {
    return `${of}: ${cabinets} cabinets, ${minor} of ${maxMinor}`;
  });
  const detail = `may be owed while all are offline, ${said.join('; ')}: lower the caps, or raise the bound`;
  await addIncident(tx, clock, kind, '', null, detail);
}
