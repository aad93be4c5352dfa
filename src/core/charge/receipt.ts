import { unreachable } from '../../shared/assert.ts';
import { type ChargeId, shortRef } from '../../shared/ids.ts';
import type { ChargeLine, ShownLine } from '../../shared/model/charge.schema.ts';
import type { ChargeState, ReasonCode, ReceiptStatus } from '../../shared/model/charge.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import type { Receipt } from '../../shared/model/visit.schema.ts';
import { shownResolution } from '../../shared/model/resolution.ts';
import type { Resolution, ShownResolution } from '../../shared/model/resolution.ts';
import type { Currency, Minor } from '../../shared/money.ts';
import { billedMinorOf } from './dispute.ts';

/** What decides the status of a charge on a receipt and in the list of purchases. */
export interface ReceiptStatusInput {
  readonly state: ChargeState;
  readonly reason: ReasonCode | null;
  /** 0: there is no amount to pay before somebody has looked at the goods that are held. */
  readonly billedLineCount: number;
}

/**
 * What the shopper reads about the money of a charge; the only place that decides it. `null`: the charge cannot be read,
 * so a human has to look. A first attempt that is under way is "sending"; one that has a reason not to have arrived
 * "follows".
 */
export function receiptStatusOf(charge: ReceiptStatusInput | null): ReceiptStatus {
  if (charge === null) return 'review';
  const { state, reason, billedLineCount } = charge;
  switch (state) {
    case 'voided':
      return 'nothing';
    case 'paid':
      return 'paid';
    case 'collecting':
      return 'collecting';
    case 'needs_attention':
      return 'review';
    case 'open':
    case 'finalised':
    case 'queued':
    case 'submitting':
    case 'in_doubt':
    case 'accepted':
      if (billedLineCount === 0) return 'review';
      return reason === null ? 'sending' : 'follows';
    default:
      return unreachable(state);
  }
}

/** How a charge was put right; null: it did not have to be, or it waits for a human (again). */
export function resolutionShown(state: ChargeState, resolution: Resolution | null): ShownResolution | null {
  return resolution === null || state === 'needs_attention' ? null : shownResolution(resolution);
}

export interface ReceiptInput {
  /** The charge on record; null: it could not be read. */
  readonly charge: {
    readonly state: ChargeState;
    readonly reason: ReasonCode | null;
    readonly resolution: Resolution | null;
    /** What the operator debits, or has; null: not known yet. */
    readonly billedMinor: Minor | null;
    readonly currency: Currency;
  } | null;
  /** Null: the visit has none. */
  readonly chargeId: ChargeId;
  /** Of the visit's baseline, with which its charge was opened. */
  readonly currency: Currency;
  /** The bill of the visit. */
  readonly bill: {
    readonly lines: readonly ChargeLine[];
    readonly heldLines: readonly ChargeLine[];
    readonly totalMinor: Minor;
    readonly review: readonly ReasonCode[];
  };
  /** SKUs of lines that the shopper has reported. */
  readonly disputed: readonly string[];
  /** SKUs of a report that the operator does not take. */
  readonly refused?: readonly string[];
  readonly member: Pick<Member, 'display' | 'means'>;
  /** Wall time, ms. */
  readonly atMs: number;
  /** Path of a product's picture; '' without one. */
  readonly pictureOf: (sku: string) => string;
}

/** The receipt of a visit, from its bill and from the charge on record. */
export function makeReceipt(input: ReceiptInput): Receipt {
  const { charge, chargeId, bill, disputed, refused = [], member, atMs, pictureOf } = input;
  const withPicture = (line: ChargeLine): ShownLine => ({ ...line, picture: pictureOf(line.sku) });
  const { state, resolution, billedMinor } = charge ?? { state: 'open', resolution: null, billedMinor: null };
  return {
    ref: shortRef(chargeId),
    chargeId,
    status: receiptStatusOf(charge === null ? null : { ...charge, billedLineCount: bill.lines.length }),
    reason: charge?.reason ?? bill.review[0] ?? null,
    lines: bill.lines.map(withPicture),
    heldLines: bill.heldLines.map(withPicture),
    currency: (charge ?? input).currency,
    totalMinor: bill.totalMinor,
    billedMinor: billedMinorOf({ ...bill, state, resolution, billedMinor, disputed }),
    atMs,
    member: member.display,
    means: member.means,
    disputed: [...disputed],
    ...(refused.length === 0 ? {} : { refused: [...refused] }),
    resolved: charge === null ? null : resolutionShown(charge.state, charge.resolution),
  };
}
