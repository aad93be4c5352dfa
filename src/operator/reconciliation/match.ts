import { chargeIdSchema } from '../../shared/ids.schema.ts';
import type { BillLine } from './bill.ts';
import type { Cause, DifferenceKind, Owner } from './kinds.ts';

/** What we have on record of one charge, as far as it is money at a provider. Amounts are minor units. */
export interface OurCharge {
  readonly chargeId: string;
  /** Of the member's account. */
  readonly provider: string | null;
  readonly currency: string;
  /** What the provider, or a human who has looked there, has said was debited; null: nothing that we know of. */
  readonly debitedMinor: number | null;
  /** It is asked on whether something was debited. */
  readonly inDoubt: boolean;
  /** When we took it for paid, wall time, ms; null: it is not. */
  readonly paidAtMs: number | null;
  /** What people were told to pay back in all … */
  readonly refundDueMinor: number;
  /** … and what of it they say they have paid back, the last of it at this wall time, ms. */
  readonly refundedMinor: number;
  readonly refundedAtMs: number | null;
}

/** A way in which a bill and our books say different things. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly cause: Cause;
  readonly owner: Owner;
  readonly orderId: string;
  /** Minor units on either side; null: that side has nothing. */
  readonly hereMinor: number | null;
  readonly thereMinor: number | null;
  /** Of the amount there, else here; empty: its cabinet's catalogue's. */
  readonly currency: string;
  /** In words; left out: the numbers say it. */
  readonly detail?: string;
}

export interface MatchInput {
  readonly provider: string;
  /** Of these orders every line of every bill that was read, and what we have; an order may be missing on one side. */
  readonly lines: readonly BillLine[];
  readonly charges: readonly OurCharge[];
  /**
   * The bills between these wall times (ms) were all read. What happened close to the last border may be in the next bill, and
   * what happened before the first one is not looked for.
   */
  readonly readFromMs: number;
  readonly readUntilMs: number;
}

/** What happens so close to the border of a day may be the other day's on the other side: clocks, and the way of an answer. */
export const borderMs = 3_600_000;
/** So long a refund that was made may take to stand in a bill. */
export const refundWayMs = 3 * 86_400_000;

/**
 * Compares both sides, both ways, and says every difference once. Depends on nothing but what it is given: the same input is
 * the same answer. What may still turn out to be none, because it lies close to the border of what was read, is none.
 */
export function match({ provider, lines, charges, ...read }: MatchInput): Difference[] {
  const linesOf = new Map<string, BillLine[]>();
  for (const line of distinct(lines)) linesOf.set(line.orderId, [...(linesOf.get(line.orderId) ?? []), line]);
  const chargeOf = new Map(charges.map((charge) => [charge.chargeId, charge]));
  const orders = new Set([...linesOf.keys(), ...chargeOf.keys()]);
  return [...orders].flatMap((orderId) => {
    const there = linesOf.get(orderId) ?? [];
    const payments = there.filter((line) => line.kind === 'payment');
    const refunds = there.filter(({ kind }) => kind === 'refund' || kind === 'refund_failed');
    const chargebacks = there.filter(({ kind }) => kind === 'chargeback' || kind === 'chargeback_reversed');
    const here = chargeOf.get(orderId);
    return [
      ...paymentsOf({ provider, orderId, payments, here, ...read }),
      ...refundsOf({ provider, orderId, payments, refunds, here, ...read }),
      ...chargebacksOf({ orderId, others: [...payments, ...refunds], chargebacks, here }),
    ];
  });
}

/** A movement is one however often it is listed: a day's bill may be fetched again, and two bills may overlap. */
function distinct(lines: readonly BillLine[]): readonly BillLine[] {
  return [...new Map(lines.map((line) => [`${line.kind} ${line.ref}`, line])).values()];
}

interface Payments extends Pick<MatchInput, 'provider' | 'readFromMs' | 'readUntilMs'> {
  readonly orderId: string;
  readonly payments: readonly BillLine[];
  readonly here: OurCharge | undefined;
}

function paymentsOf({ provider, orderId, payments, here, ...read }: Payments): Difference[] {
  const [first] = payments;
  // What another merchant has debited is in no bill of this one.
  if (first === undefined) return here?.provider === provider ? notThere(orderId, here, read) : [];
  const thereMinor = sumOf(payments);
  const hereMinor = here?.debitedMinor ?? null;
  const told = { orderId, thereMinor, hereMinor, currency: first.currency };
  const found: Difference[] = [];
  if (payments.length > 1)
    found.push({ kind: 'twice_there', cause: 'two_movements', owner: 'support', ...told });
  if (here === undefined) {
    // A number of ours that nobody here knows is worse than one that was never ours.
    const isOurs = chargeIdSchema.safeParse(orderId).success;
    found.push(
      isOurs
        ? { kind: 'paid_there_not_here', cause: 'no_charge_here', owner: 'system', ...told }
        : { kind: 'unknown_order', cause: 'not_our_number', owner: 'finance', ...told },
    );
  } else if (here.provider !== provider) {
    found.push({ kind: 'paid_there_not_here', cause: 'other_provider_here', owner: 'system', ...told });
  } else if (here.debitedMinor === null) {
    const isEarly = here.inDoubt && payments.every((line) => line.atMs >= read.readUntilMs - borderMs);
    if (!isEarly) found.push({ kind: 'paid_there_not_here', ...whyNotHere(here), ...told });
  } else if (payments.some((line) => line.currency !== here.currency)) {
    found.push({ kind: 'other_currency', cause: 'currency', owner: 'finance', ...told });
  } else if (payments.length === 1 && thereMinor !== here.debitedMinor) {
    const cause = thereMinor > here.debitedMinor ? 'more_there' : 'less_there';
    found.push({ kind: 'other_amount', cause, owner: 'finance', ...told });
  }
  return found;
}

function whyNotHere({ inDoubt }: OurCharge): Pick<Difference, 'cause' | 'owner'> {
  // In doubt it is asked on by itself; else we have given it up, and somebody's money is gone.
  return inDoubt ? { cause: 'in_doubt_here', owner: 'system' } : { cause: 'given_up_here', owner: 'support' };
}

/** Paid here, and in no bill. */
function notThere(
  orderId: string,
  here: OurCharge,
  { readFromMs, readUntilMs }: Pick<MatchInput, 'readFromMs' | 'readUntilMs'>,
): Difference[] {
  const { debitedMinor, paidAtMs, currency } = here;
  if (debitedMinor === null || debitedMinor === 0 || paidAtMs === null) return [];
  if (paidAtMs < readFromMs + borderMs || paidAtMs >= readUntilMs - borderMs) return [];
  const told = { orderId, hereMinor: debitedMinor, thereMinor: null, currency };
  return [{ kind: 'paid_here_not_there', cause: 'not_in_bill', owner: 'finance', ...told }];
}

interface Refunds extends Pick<MatchInput, 'provider' | 'readFromMs' | 'readUntilMs'> {
  readonly orderId: string;
  readonly payments: readonly BillLine[];
  readonly refunds: readonly BillLine[];
  readonly here: OurCharge | undefined;
}

function refundsOf({
  provider,
  orderId,
  payments,
  refunds,
  here,
  readFromMs,
  readUntilMs,
}: Refunds): Difference[] {
  const failedMinor = sumOf(refunds.filter(({ kind }) => kind === 'refund_failed'));
  // What came back to us has not gone back.
  const thereMinor = Math.max(0, sumOf(refunds) - 2 * failedMinor);
  const [first] = refunds;
  // Of an order that is not ours it was said already, where its payment is listed.
  if (here === undefined) {
    if (first === undefined || payments.length > 0) return [];
    const told = { orderId, hereMinor: null, thereMinor, currency: first.currency };
    return [{ kind: 'unknown_order', cause: 'not_our_number', owner: 'finance', ...told }];
  }
  const currency = first?.currency ?? here.currency;
  const told = { orderId, hereMinor: here.refundedMinor, thereMinor, currency };
  if (thereMinor > Math.max(here.refundDueMinor, here.refundedMinor))
    return [{ kind: 'refund_there_not_here', cause: 'nobody_decided', owner: 'support', ...told }];
  if (failedMinor > 0 && thereMinor < here.refundedMinor)
    return [{ kind: 'refund_here_not_there', cause: 'refund_failed', owner: 'support', ...told }];
  const { refundedAtMs } = here;
  const isDue =
    refundedAtMs !== null && refundedAtMs >= readFromMs && refundedAtMs < readUntilMs - refundWayMs;
  return isDue && here.provider === provider && thereMinor < here.refundedMinor
    ? [{ kind: 'refund_here_not_there', cause: 'refund_not_in_bill', owner: 'support', ...told }]
    : [];
}

interface Chargebacks {
  readonly orderId: string;
  /** What else the bills say of this order. */
  readonly others: readonly BillLine[];
  readonly chargebacks: readonly BillLine[];
  readonly here: OurCharge | undefined;
}

/** What the payer's bank has taken back by now, and not given to us again. */
function chargebacksOf({ orderId, others, chargebacks, here }: Chargebacks): Difference[] {
  const [first] = chargebacks;
  if (first === undefined) return [];
  const thereMinor = chargebacks.reduce(
    (sum, { kind, amountMinor }) => sum + (kind === 'chargeback' ? amountMinor : -amountMinor),
    0,
  );
  if (thereMinor <= 0) return [];
  const told = { orderId, thereMinor, hereMinor: here?.debitedMinor ?? null, currency: first.currency };
  // Of an order that is not ours it was said already, where something else of it is listed.
  if (here === undefined)
    return others.length > 0
      ? []
      : [{ kind: 'unknown_order', cause: 'not_our_number', owner: 'finance', ...told }];
  // With what we have paid back the payer has more than they had paid.
  const isTooMuch = thereMinor + here.refundedMinor > (here.debitedMinor ?? 0);
  return isTooMuch
    ? [{ kind: 'chargeback', cause: 'refunded_as_well', owner: 'finance', ...told }]
    : [{ kind: 'chargeback', cause: 'payer_disputes', owner: 'support', ...told }];
}

function sumOf(lines: readonly BillLine[]): number {
  return lines.reduce((sum, line) => sum + line.amountMinor, 0);
}
