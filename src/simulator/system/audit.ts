import type { ChargeRecord } from '../../main/charges/charge-record.ts';
import type { OperatorCharge } from './shared-operator.ts';

/** What the world knows of one visit: never asked of the kiosk. */
export interface VisitTruth {
  readonly visitId: string;
  readonly chargeId: string;
  /** Products (SKU) that this visit's shopper ended up with, from what stood there when the bolt moved. */
  readonly taken: readonly string[];
}

type Counts = ReadonlyMap<string, number>;
type Line = OperatorCharge['lines'][number];

/**
 * The independent auditor: what each shopper really has, against what the operator took for it. Answers what is wrong,
 * in words; an empty list is a clean book.
 */
export function auditMoney(
  truths: readonly VisitTruth[],
  charges: readonly OperatorCharge[],
  priceOf: (sku: string) => number,
): string[] {
  const wrong: string[] = [];
  const known = new Set(truths.map((t) => t.visitId));
  for (const charge of charges) {
    if (!known.has(charge.visitId)) wrong.push(`${charge.chargeId}: a charge for a visit that never was`);
  }
  for (const truth of truths) {
    const mine = charges.filter((c) => c.visitId === truth.visitId);
    wrong.push(...auditVisit(truth, mine, priceOf).map((what) => `${truth.chargeId}: ${what}`));
  }
  return wrong;
}

function auditVisit(
  truth: VisitTruth,
  charges: readonly OperatorCharge[],
  priceOf: (sku: string) => number,
): string[] {
  const [charge, ...more] = charges;
  if (more.length > 0) return [`${charges.length} charges for one visit`];
  if (charge === undefined) return truth.taken.length === 0 ? [] : [`lost: took ${truth.taken.join(', ')}`];
  const taken = count(truth.taken);
  const worthMinor = truth.taken.reduce((sum, sku) => sum + priceOf(sku), 0);
  const lost = [...taken].some(
    ([sku, n]) => (countLines([...charge.lines, ...charge.heldLines]).get(sku) ?? 0) < n,
  );
  const checks: [boolean, string][] = [
    [charge.chargeId !== truth.chargeId, `another number at the operator: ${charge.chargeId}`],
    [charge.debitCount > 1, `debited ${charge.debitCount} times`],
    [charge.totalMinor > worthMinor, `billed ${charge.totalMinor}, took only ${worthMinor}`],
    [charge.debitedMinor > worthMinor, `debited ${charge.debitedMinor}, took only ${worthMinor}`],
    [exceeds(countLines(charge.lines), taken), 'a line for what was not taken'],
    [charge.lines.some((l) => l.unitPriceMinor !== priceOf(l.sku)), 'not the price of the baseline'],
    [taken.size === 0 && charge.debitCount > 0, 'a debit although nothing was taken'],
    [charge.state === 'paid' && charge.debitedMinor !== charge.totalMinor, 'paid, but not this sum'],
    [charge.state === 'needs_attention' && charge.debitCount > 0, 'a human looks, but money has moved'],
    [charge.state === 'needs_attention' && charge.reason === null, 'a human looks, and nobody says why'],
    [charge.state !== 'paid' && charge.state !== 'needs_attention', `not settled: ${charge.state}`],
    // What is missing from the list is on record as missing: the shelf could not be read.
    [lost && !charge.reviewReasons.includes('recognition.reader_lost'), 'lines for less than was taken'],
  ];
  return checks.filter(([isWrong]) => isWrong).map(([, what]) => what);
}

/** The cabinet's own books: each charge at its end, none forgotten. `activeVisit`: a visit that may still run. */
export function auditLocal(records: readonly ChargeRecord[]): string[] {
  return records
    .filter((r) => r.state !== 'paid' && r.state !== 'voided' && r.state !== 'needs_attention')
    .map((r) => `${r.chargeId}: still ${r.state} on the cabinet`);
}

function count(skus: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const sku of skus) counts.set(sku, (counts.get(sku) ?? 0) + 1);
  return counts;
}

function countLines(lines: readonly Line[]): Counts {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line.sku, (counts.get(line.sku) ?? 0) + line.count);
  return counts;
}

function exceeds(billed: Counts, taken: Counts): boolean {
  return [...billed].some(([sku, n]) => n > (taken.get(sku) ?? 0));
}
