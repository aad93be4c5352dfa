import type { ChargeRecord } from '../../main/charges/charge-record.ts';
import type { OperatorCharge } from './shared-operator.ts';

/** What the world knows of one visit: never asked of the kiosk. */
export interface VisitTruth {
  readonly visitId: string;
  readonly chargeId: string;
  /** Products (SKU) that this visit's shopper ended up with, from what stood there when the bolt moved. */
  readonly taken: readonly string[];
  /** What the shopper last said yes to; empty when to nothing. */
  readonly confirmed: readonly string[];
}

type Counts = ReadonlyMap<string, number>;
type PriceOf = (sku: string) => number;

/**
 * The independent auditor: what each shopper really has, against what the operator took for it. Answers what is wrong,
 * in words; an empty list is a clean book.
 */
export function auditMoney(
  truths: readonly VisitTruth[],
  charges: readonly OperatorCharge[],
  priceOf: PriceOf,
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

function auditVisit(truth: VisitTruth, charges: readonly OperatorCharge[], priceOf: PriceOf): string[] {
  const [charge, ...more] = charges;
  if (more.length > 0) return [`${charges.length} charges for one visit`];
  if (charge === undefined) return truth.taken.length === 0 ? [] : [`lost: took ${truth.taken.join(', ')}`];
  const { state, debitCount, debitedMinor, totalMinor } = charge;
  const waits = state === 'needs_attention';
  const checks: [boolean, string][] = [
    [charge.chargeId !== truth.chargeId, `another number at the operator: ${charge.chargeId}`],
    [debitCount > 1, `debited ${debitCount} times`],
    [charge.lines.some((l) => l.unitPriceMinor !== priceOf(l.sku)), 'not the price of the baseline'],
    [state === 'paid' && debitedMinor !== totalMinor, `paid ${totalMinor}, but debited ${debitedMinor}`],
    [waits && debitCount > 0, 'a human looks, but money has moved'],
    [waits && charge.reason === null, 'a human looks, and nobody says why'],
    [state !== 'paid' && !waits, `not settled: ${state}`],
  ];
  return [
    ...checks.filter(([isWrong]) => isWrong).map(([, what]) => what),
    ...(charge.reviewReasons.includes('recognition.reader_lost')
      ? auditUnseen(truth, charge, priceOf)
      : auditSeen(truth, charge, priceOf)),
  ];
}

/** The reader was there at the end: the lists are what was taken, no more and no less. */
function auditSeen(truth: VisitTruth, charge: OperatorCharge, priceOf: PriceOf): string[] {
  const taken = count(truth.taken);
  const worthMinor = worthOf(truth.taken, priceOf);
  const billed = countLines(charge.lines);
  const all = countLines([...charge.lines, ...charge.heldLines]);
  const checks: [boolean, string][] = [
    [charge.totalMinor > worthMinor, `billed ${charge.totalMinor}, took only ${worthMinor}`],
    [isMore(billed, taken), 'a line for what was not taken'],
    [isMore(taken, all), `lines for less than was taken: took ${said(taken)}, lines say ${said(all)}`],
  ];
  return checks.filter(([isWrong]) => isWrong).map(([, what]) => what);
}

/**
 * The reader was lost: that is on record, and a human looks. Money moves only for what was taken or what the shopper
 * said yes to (docs/decisions/0010-held-never-guessed.md).
 */
function auditUnseen(truth: VisitTruth, { debitedMinor }: OperatorCharge, priceOf: PriceOf): string[] {
  const ceilingMinor = Math.max(worthOf(truth.taken, priceOf), worthOf(truth.confirmed, priceOf));
  return debitedMinor > ceilingMinor ? [`debited ${debitedMinor}, at most ${ceilingMinor} is right`] : [];
}

/** The cabinet's own books: charges that have not come to their end. */
export function unsettled(records: readonly ChargeRecord[]): string[] {
  return records
    .filter((r) => r.state !== 'paid' && r.state !== 'voided' && r.state !== 'needs_attention')
    .map((r) => `${r.chargeId}: still ${r.state} on the cabinet`);
}

/** The cabinet's own books against the operator's: both say the same of every charge. */
export function auditBooks(records: readonly ChargeRecord[], charges: readonly OperatorCharge[]): string[] {
  const wrong = records.flatMap((r) => {
    const there = charges.find((c) => c.chargeId === r.chargeId);
    const local = r.state === 'voided' ? 'nothing' : `${r.state} ${String(r.totalMinor)}`;
    const remote = there === undefined ? 'nothing' : `${there.state} ${there.totalMinor}`;
    return local === remote ? [] : [`${r.chargeId}: cabinet says ${local}, operator says ${remote}`];
  });
  const known = new Set<string>(records.map((r) => r.chargeId));
  const strange = charges.filter((c) => !known.has(c.chargeId));
  return [...wrong, ...strange.map((c) => `${c.chargeId}: at the operator, but not on the cabinet`)];
}

export function worthOf(skus: readonly string[], priceOf: PriceOf): number {
  return skus.reduce((sum, sku) => sum + priceOf(sku), 0);
}

function count(skus: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const sku of skus) counts.set(sku, (counts.get(sku) ?? 0) + 1);
  return counts;
}

function countLines(lines: OperatorCharge['lines']): Counts {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line.sku, (counts.get(line.sku) ?? 0) + line.count);
  return counts;
}

function said(counts: Counts): string {
  return [...counts].map(([sku, n]) => `${n} ${sku}`).join(', ') || 'nothing';
}

/** Somewhere in `a` is more than in `b`. */
function isMore(a: Counts, b: Counts): boolean {
  return [...a].some(([sku, n]) => n > (b.get(sku) ?? 0));
}
