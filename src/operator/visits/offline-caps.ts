import type { OfflineCaps } from '../../shared/model/offline-policy.ts';

/** A visit that was let in offline, and what it cost, minor units. Times are the operator's, ms. */
interface Admitted {
  readonly memberId: string;
  readonly atMs: number;
  /** When the door was shut: from here on its charge waits. The cabinet judges by this, too (main/charges/offline-exposure.ts). */
  readonly shutAtMs: number;
  readonly totalMinor: number;
}

/** One whose charge has come, at `untilMs`: in between it was unsettled on the cabinet. */
export interface OfflineVisit extends Admitted {
  readonly untilMs: number;
}

/**
 * Which caps a cabinet has broken by letting this one in, or others while this one was unsettled; charges come in any order.
 * (That one visit costs more than its own cap is the shopper's doing: evaluate-charge.ts.) Our own words; empty: none.
 */
export function brokenCaps(caps: OfflineCaps, it: Admitted, others: readonly OfflineVisit[]): string[] {
  const all = [...others, { ...it, untilMs: Number.POSITIVE_INFINITY }];
  const broken = new Set<string>();
  for (const coming of all) {
    if (coming.atMs < it.atMs) continue;
    const before = all.filter(({ atMs, untilMs }) => atMs < coming.atMs && coming.atMs < untilMs);
    const mine = coming.memberId === it.memberId ? before.filter((one) => one.memberId === it.memberId) : [];
    if (mine.length >= caps.memberCount) broken.add('too many of this member');
    if (sumOf(mine) >= caps.memberSumMinor) broken.add('too much of this member');
    if (before.length >= caps.cabinetCount) broken.add('too many of this cabinet');
    if (sumOf(before) >= caps.cabinetSumMinor) broken.add('too much of this cabinet');
    if (before.some(({ shutAtMs }) => coming.atMs - shutAtMs > caps.oldestAgeMs))
      broken.add('the oldest had waited too long');
  }
  return [...broken];
}

function sumOf(visits: readonly Admitted[]): number {
  return visits.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
}
