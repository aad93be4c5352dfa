import { nextActorOf } from './next-actor.ts';

/**
 * The auditor of the charges simulation. It shares no code with the queues of a cabinet or the debit life of the operator, and
 * imports nothing of the product: what truly happened, what each provider's own book says, what is told to people.
 */

/** One opening of a door: never asked of the product but for the two numbers. */
export interface VisitTruth {
  readonly number: number;
  readonly cabinetId: string;
  readonly visitId: string;
  readonly chargeId: string;
  /** Who stood there, and the account of theirs as its provider's book names it. */
  readonly memberId: string;
  readonly account: string;
  /** Which time without any network of this cabinet it was; null: the operator could be reached. */
  readonly outage: number | null;
  /** What truly left with them: SKU of each piece. */
  readonly goods: readonly string[];
  /** Between these two moments it was decided what the goods cost: the code was shown, the bolt let go. */
  readonly pricedMs: readonly [number, number];
  /** What they have reported as wrong: SKU. */
  readonly reported: readonly string[];
  readonly story: readonly string[];
}

/** Money that has moved, as the provider's own book has it. Positive: from the payer. */
export interface Movement {
  readonly provider: string;
  /** Of the charge; whatever the provider hangs on it is taken off by whoever reads the book. */
  readonly orderId: string;
  readonly payer: string;
  readonly amountMinor: number;
}

/** A charge as it lies in the operator's database. */
export interface OperatorRow {
  readonly chargeId: string;
  readonly visitId: string;
  readonly memberId: string;
  readonly state: string;
  readonly reason: string | null;
  readonly totalMinor: number;
  /** What its held lines cost. */
  readonly heldMinor: number;
  readonly disputedMinor: number;
  /** SKU of each piece, billed and held. */
  readonly billed: readonly string[];
  readonly held: readonly string[];
}

/** A charge as it lies on a cabinet's disk. */
export interface CabinetRow {
  readonly chargeId: string;
  readonly cabinetId: string;
  readonly state: string;
  readonly reason: string | null;
}

/** What a member is told in "my purchases". */
export interface Told {
  readonly memberId: string;
  readonly chargeId: string;
  readonly state: string;
  readonly reason: string | null;
  /** What they read about how it was put right; null: nothing. */
  readonly how: string | null;
  /** So much has gone back, they read, minor units. */
  readonly backMinor: number;
}

/** What people have said last about a charge. */
export interface Decision {
  /** So much of it stays with its provider, minor units. */
  readonly keptMinor: number;
  /** It was to be debited then: whoever has no money owes it. */
  readonly isToBeDebited: boolean;
}

export interface Books {
  readonly truths: readonly VisitTruth[];
  readonly movements: readonly Movement[];
  /** Money that providers hold and nobody has taken or let go. */
  readonly holds: readonly { readonly orderId: string; readonly amountMinor: number }[];
  /** Orders that are open at providers and hold no money: they count against their members there. */
  readonly openOrders: readonly string[];
  readonly operator: readonly OperatorRow[];
  readonly cabinets: readonly CabinetRow[];
  readonly told: readonly Told[];
  /** What payers' banks have taken back and not given again, minor units, by order. */
  readonly chargedBack: ReadonlyMap<string, number>;
  /** Where the operator has found that a provider's bill and its charges say different things, and that is so still. */
  readonly differences: readonly {
    readonly kind: string;
    readonly orderId: string;
    readonly thereMinor: number;
  }[];
  /** Visits that the operator has let in, and those of them whose end it has heard. */
  readonly allowed: readonly { readonly cabinetId: string; readonly visitId: string }[];
  readonly ended: ReadonlySet<string>;
  /** What people have charged by hand, because no charge had come: SKU of each piece, as they were told, by charge. */
  readonly byHand: ReadonlyMap<string, readonly string[]>;
  /** What people have decided, by charge. */
  readonly decided: ReadonlyMap<string, Decision>;
  readonly incidents: readonly { readonly kind: string; readonly chargeId: string | null }[];
  /** What is wrong with records on the disks of cabinets, and with how charges were sent, in words. */
  readonly recordFaults: readonly string[];
  /** Debts that one person may have at a time, all caps together. */
  readonly debtsMax: number;
  /** Purchases of one person at one cabinet in one time without network. */
  readonly offlineMax: number;
  /** What these pieces cost who bought them at that moment, by what was on then. */
  readonly costAt: (skus: readonly string[], atMs: number) => number;
}

export const findingKinds = [
  'lost',
  'doubled',
  'foreign',
  'too_much',
  'refund_wrong',
  'decision_wrong',
  'unexplained',
  'told_wrong',
  'hold_left',
  'no_end',
  'other_body',
  'debts_beyond_caps',
  'bill_wrong',
  'record',
] as const;
export type FindingKind = (typeof findingKinds)[number];
export interface Finding {
  readonly kind: FindingKind;
  readonly chargeId: string | null;
  readonly message: string;
}

/** Words of two programs about one and the same that differ: never without a bug. */
const contradictions = ['charge_conflict', 'closing_conflict', 'second_charge_for_visit', 'dispute_conflict'];

/** Everything that is wrong, most important first; empty: each fen is where it belongs, and each that is not is explained. */
export function audit(books: Books): Finding[] {
  const byCharge = groupBy(books.operator, ({ chargeId }) => chargeId);
  const onCabinet = new Map(books.cabinets.map((row) => [row.chargeId, row]));
  const moved = groupBy(books.movements, ({ orderId }) => orderId);
  const visits = new Map(books.truths.map((truth) => [truth.chargeId, truth]));
  const found: Finding[] = [];
  const add = (kind: FindingKind, chargeId: string | null, message: string): void => {
    found.push({ kind, chargeId, message });
  };
  for (const truth of books.truths) {
    const [row, ...more] = byCharge.get(truth.chargeId) ?? [];
    if (more.length > 0) add('doubled', truth.chargeId, 'two charges of one number');
    const named = books.byHand.get(truth.chargeId);
    // What people have said they have charged is what is asked for, whatever its cabinet says later.
    if (named === undefined) auditGoods(truth, row, onCabinet.get(truth.chargeId), books.costAt, add);
    else auditByHand(truth, row, named, books.costAt, add);
    const decision = books.decided.get(truth.chargeId);
    auditMoney(truth, { row, decision, moved: moved.get(truth.chargeId) ?? [] }, books.costAt, add);
    auditDecision(truth, { row, decision, moved: moved.get(truth.chargeId) ?? [] }, add);
  }
  for (const { orderId, amountMinor, payer } of books.movements)
    if (!visits.has(orderId))
      add('foreign', orderId, `${amountMinor} of ${payer} for a visit that never was`);
  for (const row of books.operator) auditWho(row, visits.get(row.chargeId), add);
  auditVisits(books, add);
  auditWords(books, moved, onCabinet, add);
  auditBills(books, add);
  for (const { kind, chargeId } of books.incidents)
    if (contradictions.includes(kind)) add('other_body', chargeId, kind);
  for (const message of books.recordFaults) add('record', null, message);
  return found;
}

type Add = (kind: FindingKind, chargeId: string | null, message: string) => void;

/** What left is on the bill, billed or held, and nothing else. */
function auditGoods(
  truth: VisitTruth,
  row: OperatorRow | undefined,
  local: CabinetRow | undefined,
  costAt: Books['costAt'],
  add: Add,
): void {
  const { chargeId, goods } = truth;
  const said = (skus: readonly string[]): string => [...skus].sort().join(' ') || 'nothing';
  if (row === undefined) {
    // What the operator refuses waits at the cabinet for people, with its reason.
    const isHeld = local?.state === 'needs_attention' && nextActorOf(local.state, local.reason) !== null;
    if (goods.length > 0 && !isHeld)
      add('lost', chargeId, `${said(goods)} left; the cabinet says ${local?.state ?? 'nothing'}`);
    return;
  }
  const named = [...row.billed, ...row.held];
  if (said(named) !== said(goods)) {
    const isMore = named.length > goods.length;
    add(isMore ? 'too_much' : 'lost', chargeId, `${said(goods)} left, on the bill are ${said(named)}`);
  }
  auditPrice(truth, row, costAt, add);
}

/** A bill costs what its goods cost at the opening. One that falls apart, no more than all together and than the part alone. */
function auditPrice(truth: VisitTruth, row: OperatorRow, costAt: Books['costAt'], add: Add): void {
  const { billed, held, totalMinor, heldMinor } = row;
  const all = [...billed, ...held];
  const isRight = truth.pricedMs.some((atMs) =>
    held.length === 0
      ? totalMinor === costAt(billed, atMs)
      : totalMinor <= costAt(billed, atMs) && totalMinor + heldMinor <= costAt(all, atMs),
  );
  if (!isRight)
    add('too_much', truth.chargeId, `a bill of ${totalMinor} and ${heldMinor} for ${all.join(' ')}`);
}

/** It is on record as people have said it, and they were told of no more than had left. */
function auditByHand(
  truth: VisitTruth,
  row: OperatorRow | undefined,
  named: readonly string[],
  costAt: Books['costAt'],
  add: Add,
): void {
  const { chargeId, goods } = truth;
  if (row === undefined) {
    add('lost', chargeId, 'people have charged it by hand, and the operator has no charge');
    return;
  }
  const billed = [...row.billed].sort().join(' ');
  if (billed !== [...named].sort().join(' ') || row.held.length > 0)
    add('too_much', chargeId, `by hand ${named.join(' ')}; on the bill are ${billed}`);
  auditPrice(truth, row, costAt, add);
  const mostMinor = mostOf(truth, goods, costAt);
  if (row.totalMinor > mostMinor)
    add('too_much', chargeId, `${row.totalMinor} by hand for goods worth ${mostMinor}`);
}

/** What there is of one charge. */
interface OfCharge {
  readonly row: OperatorRow | undefined;
  readonly decision: Decision | undefined;
  readonly moved: readonly Movement[];
}

/** Each book of a provider: once, so much as is due, from whoever stood there; and the operator says the same of it. */
function auditMoney(
  truth: VisitTruth,
  { row, decision, moved }: OfCharge,
  costAt: Books['costAt'],
  add: Add,
): void {
  const { chargeId, goods, account, reported } = truth;
  const takenMinor = moved.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const debits = moved.filter(({ amountMinor }) => amountMinor > 0);
  if (debits.length > 1) add('doubled', chargeId, `debited ${debits.length} times`);
  const strange = moved.find(({ payer }) => payer !== account);
  if (strange !== undefined) add('foreign', chargeId, `${strange.payer} has paid, ${account} stood there`);
  const mostMinor = mostOf(truth, goods, costAt);
  if (takenMinor > mostMinor) add('too_much', chargeId, `${takenMinor} debited for goods worth ${mostMinor}`);
  if (row === undefined) {
    if (takenMinor > 0) add('told_wrong', chargeId, `${takenMinor} debited, and the operator has no charge`);
    return;
  }
  const dueMinor = row.totalMinor - row.disputedMinor;
  const isPaid = row.state === 'paid';
  if (isPaid && decision === undefined && (takenMinor < dueMinor || takenMinor > row.totalMinor))
    add('told_wrong', chargeId, `paid, says the operator; ${takenMinor} of ${dueMinor} were debited`);
  const mayBeTaken = row.disputedMinor > 0 && reported.length > 0;
  if (!isPaid && takenMinor > 0 && !mayBeTaken)
    add('told_wrong', chargeId, `${takenMinor} debited, and the operator says ${row.state}`);
  if (!isPaid && takenMinor === 0 && nextActorOf(row.state, row.reason) === null)
    add('unexplained', chargeId, `${row.state}, ${row.reason ?? 'no reason'}: nobody acts next`);
}

/** What people have decided is so, at the provider and in what the operator says; what they have not, is not. */
function auditDecision({ chargeId }: VisitTruth, { row, decision, moved }: OfCharge, add: Add): void {
  const sumOf = (some: readonly Movement[]): number =>
    some.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const hasGoneBack = moved.some(({ amountMinor }) => amountMinor < 0);
  if (decision === undefined) {
    if (hasGoneBack) add('refund_wrong', chargeId, 'something has gone back, and nobody has decided that');
    return;
  }
  const { keptMinor, isToBeDebited } = decision;
  const isPaid = row?.state === 'paid';
  // Whoever has no money owes it, and what cannot be settled as it was said waits for people again.
  const isExplained = row !== undefined && nextActorOf(row.state, row.reason) !== null;
  if (!isPaid && !isExplained)
    add('decision_wrong', chargeId, `people have decided; the operator says ${row?.state ?? 'nothing'}`);
  const staysMinor = isToBeDebited && !isPaid ? 0 : keptMinor;
  if (sumOf(moved) === staysMinor) return;
  const isBack = !isToBeDebited && sumOf(moved.filter(({ amountMinor }) => amountMinor > 0)) > staysMinor;
  const kind = hasGoneBack || isBack ? 'refund_wrong' : 'decision_wrong';
  add(kind, chargeId, `${staysMinor} are to stay paid, people say; ${sumOf(moved)} are`);
}

/** Each charge is of a visit that was, and of whoever stood there. */
function auditWho(row: OperatorRow, truth: VisitTruth | undefined, add: Add): void {
  const { chargeId, visitId, memberId } = row;
  if (truth === undefined) add('foreign', chargeId, 'a charge for a visit that never was');
  else if (truth.visitId !== visitId || truth.memberId !== memberId)
    add('foreign', chargeId, `on ${memberId}, but ${truth.memberId} stood there`);
}

/** Visits have an end, holds too, and nobody has more debts than all caps together allow. */
function auditVisits(books: Books, add: Add): void {
  const { allowed, ended, operator, holds, openOrders, debtsMax } = books;
  const charged = new Set(operator.map(({ visitId }) => visitId));
  for (const { cabinetId, visitId } of allowed)
    if (!ended.has(visitId) && !charged.has(visitId))
      add('no_end', null, `${cabinetId}: nothing was heard of the end of visit ${visitId}`);
  for (const { orderId, amountMinor } of holds)
    if (amountMinor > 0) add('hold_left', orderId, `${amountMinor} are still held`);
  const under = new Map(operator.map(({ chargeId, state }) => [chargeId, state]));
  for (const orderId of openOrders) {
    const state = under.get(orderId) ?? 'no charge';
    // People may still debit the one, and the provider itself goes on with the other.
    if (state !== 'needs_attention' && state !== 'collecting')
      add('hold_left', orderId, `its order is open at the provider, ${state}`);
  }
  auditOffline(books, add);
  const debts = operator.filter(({ state }) => state === 'collecting');
  for (const [memberId, rows] of groupBy(debts, (row) => row.memberId))
    if (rows.length > debtsMax) add('debts_beyond_caps', null, `${memberId} has ${rows.length} debts`);
}

/** Without network nobody buys more at one cabinet than the caps allow. */
function auditOffline({ truths, offlineMax }: Books, add: Add): void {
  const offline = truths.filter(({ outage, goods }) => outage !== null && goods.length > 0);
  const keyOf = ({ cabinetId, memberId, outage }: VisitTruth): string =>
    `${memberId} at ${cabinetId}, outage ${outage}`;
  for (const [who, visits] of groupBy(offline, keyOf))
    if (visits.length > offlineMax)
      add('debts_beyond_caps', visits.at(-1)?.chargeId ?? null, `${visits.length} purchases of ${who}`);
}

/** What cabinets and "my purchases" say of the money is so. */
function auditWords(
  { operator, told, decided, byHand }: Books,
  moved: ReadonlyMap<string, readonly Movement[]>,
  onCabinet: ReadonlyMap<string, CabinetRow>,
  add: Add,
): void {
  for (const row of operator) {
    const local = onCabinet.get(row.chargeId);
    // Its cabinet may know nothing of it, or never have been asked to pay so much.
    if (byHand.has(row.chargeId)) continue;
    if (local === undefined) add('record', row.chargeId, 'at the operator, and on no cabinet');
    else if (local.state !== row.state)
      add('told_wrong', row.chargeId, `the cabinet says ${local.state}, the operator ${row.state}`);
  }
  for (const { memberId, chargeId, state, reason, how, backMinor } of told) {
    const movements = moved.get(chargeId) ?? [];
    const isDebited = movements.length > 0;
    // Free of charge: then there is nothing to debit.
    const isFree = operator.some((row) => row.chargeId === chargeId && row.totalMinor === 0);
    // Written off, or paid in another way: then that is told, too.
    const isSettled = decided.get(chargeId)?.keptMinor === 0 && how !== null;
    if (state === 'paid' && !isDebited && !isSettled && !isFree)
      add('told_wrong', chargeId, `${memberId} reads "paid"; nothing was debited`);
    if (state !== 'paid' && !isDebited && nextActorOf(state, reason) === null)
      add('unexplained', chargeId, `${memberId} reads ${state} without a reason`);
    const goneMinor = movements.reduce((sum, { amountMinor }) => sum - Math.min(amountMinor, 0), 0);
    if (backMinor !== goneMinor)
      add('refund_wrong', chargeId, `${memberId} reads that ${backMinor} went back; ${goneMinor} did`);
  }
}

/** The operator has found what payers' banks have taken back, and nothing else that bills and charges do not agree about. */
function auditBills({ chargedBack, differences }: Books, add: Add): void {
  const isOne = ({ kind, orderId, thereMinor }: Books['differences'][number]): boolean =>
    kind === 'chargeback' && chargedBack.get(orderId) === thereMinor;
  for (const one of differences)
    if (!isOne(one))
      add('bill_wrong', one.orderId, `${one.kind}: ${one.thereMinor} there, says the operator`);
  const told = new Set(differences.filter(isOne).map(({ orderId }) => orderId));
  for (const [orderId, amountMinor] of chargedBack)
    if (!told.has(orderId)) add('bill_wrong', orderId, `${amountMinor} were taken back, and nobody is told`);
}

/** The most that these pieces may have cost in this visit. */
function mostOf({ pricedMs }: VisitTruth, skus: readonly string[], costAt: Books['costAt']): number {
  return Math.max(...pricedMs.map((atMs) => costAt(skus, atMs)));
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
