import type { ConsoleAct } from '../../../../shared/console/acts.schema.ts';
import { rightForAct } from '../../../../shared/console/acts.schema.ts';
import { orderDaysUsual, type Updates } from '../../../../shared/console/updates.schema.ts';
import type { UpdateWindow } from '../../../../shared/model/update-order.schema.ts';
import type { ConsoleRight } from '../../../../shared/console/roles.ts';
import type { UnchargedVisit, VisitGoods } from '../../../../shared/console/visits.schema.ts';
import type { Story } from '../../../../shared/console/work.schema.ts';
import { unreachable } from '../../../../shared/assert.ts';
import type { ChargeId, VisitId } from '../../../../shared/ids.ts';
import type { Promotion } from '../../../../shared/model/promotion.schema.ts';
import type { MemberMessage } from '../../../../shared/model/message.schema.ts';
import type { Currency } from '../../../../shared/money.ts';
import type { Words } from '../../i18n/shape.ts';

export type IntentId = keyof Words['acts']['intents'];
type StoryCharge = Story['charge'];
type HeldLine = StoryCharge['heldLines'][number];

/** What somebody has filled in. */
export interface Filled {
  readonly amountMinor: number;
  readonly reference: string;
  readonly goods: readonly { readonly sku: string; readonly count: number }[];
  readonly template: MemberMessage['template'];
  readonly text: string;
  readonly rollOut: RollOut;
}

/** What is to run at how many, and when it may be switched to. */
export interface RollOut {
  readonly release: string;
  readonly percent: number;
  readonly windows: readonly UpdateWindow[];
  readonly days: number;
}

/** Something that somebody may want to do, in their terms: what is asked for, and the act that comes of it. */
export interface Intent {
  readonly id: IntentId;
  /** It takes something away that does not come back by itself. */
  readonly isGrave: boolean;
  readonly currency: Currency | null;
  /** The amount to be typed: what it is called, what stands there first, and the most; null: none is asked for. */
  readonly amount: null | {
    readonly label: 'amount' | 'amountBack' | 'amountPaid' | 'amountDebited';
    readonly firstMinor: number | null;
    readonly mostMinor: number | null;
    readonly negative?: boolean;
  };
  /** The goods to be chosen from: their sum is added to `baseMinor`, and that is the amount. */
  readonly choose: null | {
    readonly lines: readonly HeldLine[];
    readonly baseMinor: number;
    readonly mostMinor: number;
  };
  readonly reference: boolean;
  /** Goods with how many of each: of what was sold then. */
  readonly goods: null | VisitGoods;
  /** Words for the member. */
  readonly message: boolean;
  /** A release for some cabinets, and what stands there first; of one cabinet no share is asked for. */
  readonly rollOut: null | { readonly first: RollOut; readonly isOfOne: boolean };
  /** What is said where the operator does not do it. */
  readonly cannot:
    'cannot' | 'cannotVisit' | 'cannotMessage' | 'cannotGoods' | 'cannotUpdate' | 'cannotPromotions';
  readonly act: (filled: Filled) => ConsoleAct;
}

type Base = Omit<Intent, 'id' | 'act'>;
const plain: Base = {
  ...{ isGrave: false, currency: null, amount: null, choose: null, reference: false, goods: null },
  ...{ message: false, rollOut: null, cannot: 'cannot' },
};

/** What may be done about a charge as it stands. The operator has the last word: a preview says what comes of it. */
export function chargeIntents(charge: StoryCharge): readonly Intent[] {
  const { currency } = charge;
  const chargeId = charge.chargeId as ChargeId;
  const decide =
    (
      decision: 'debit' | 'waive' | 'settled' | 'debited' | 'deny_dispute',
      amountOf: (filled: Filled) => number,
    ) =>
    (filled: Filled): ConsoleAct => ({
      kind: 'decide_charge',
      ...{ chargeId, decision, amountMinor: amountOf(filled) },
    });
  const base = { ...plain, currency };
  const paidMinor = charge.paidMinor ?? 0;
  const typed = ({ amountMinor }: Filled): number => amountMinor;
  const found: Intent = {
    ...base,
    id: 'debited',
    amount: { label: 'amountDebited', firstMinor: null, mostMinor: null },
    act: decide('debited', typed),
  };
  if (charge.state === 'accepted' || charge.state === 'collecting') return [found];
  if (charge.state === 'paid') return paidIntents(charge, paidMinor, base, decide);
  const { dueMinor, ceilingMinor, heldLines } = charge;
  const hasHeld = heldLines.length > 0 && charge.paidMinor === null;
  const intents: Intent[] = [];
  if (hasHeld)
    intents.push(
      {
        ...base,
        id: 'bill_held',
        choose: { lines: heldLines, baseMinor: dueMinor, mostMinor: ceilingMinor },
        act: decide('debit', typed),
      },
      { ...base, id: 'drop_held', act: decide(dueMinor > 0 ? 'debit' : 'waive', () => dueMinor) },
    );
  if (charge.paidMinor === null && ceilingMinor > 0)
    intents.push({
      ...base,
      id: 'debit',
      amount: { label: 'amount', firstMinor: dueMinor > 0 ? dueMinor : null, mostMinor: ceilingMinor },
      act: decide('debit', typed),
    });
  intents.push({ ...base, id: 'waive', isGrave: true, act: decide('waive', () => paidMinor) });
  if (ceilingMinor > 0)
    intents.push({
      ...base,
      id: 'settled',
      amount: { label: 'amountPaid', firstMinor: dueMinor, mostMinor: ceilingMinor },
      act: decide('settled', typed),
    });
  return [...intents, found];
}

function paidIntents(
  charge: StoryCharge,
  paidMinor: number,
  base: Base,
  decide: (
    decision: 'waive' | 'deny_dispute',
    amountOf: (filled: Filled) => number,
  ) => (filled: Filled) => ConsoleAct,
): readonly Intent[] {
  const { dueMinor, contestedMinor } = charge;
  const keepMinor = Math.min(dueMinor, paidMinor);
  const intents: Intent[] = [];
  if (contestedMinor > 0) {
    intents.push({ ...base, id: 'accept_report', act: decide('waive', () => keepMinor) });
    const deniedMinor = Math.min(paidMinor, dueMinor + contestedMinor);
    if (deniedMinor > dueMinor)
      intents.push({ ...base, id: 'deny_report', act: decide('deny_dispute', () => deniedMinor) });
  } else if (charge.review) {
    // It is the same decision; what it means is another thing where goods were held.
    const id = charge.heldMinor > 0 ? 'drop_held' : 'leave';
    // What is due back goes back all the same: that it has gone back by hand is another word (`close_incident`).
    intents.push({ ...base, id, act: decide('waive', () => keepMinor) });
  }
  if (keepMinor > 0)
    intents.push({
      ...base,
      id: 'refund',
      isGrave: true,
      amount: { label: 'amountBack', firstMinor: null, mostMinor: keepMinor },
      act: decide('waive', ({ amountMinor }) => keepMinor - amountMinor),
    });
  return intents;
}

type StoryMember = NonNullable<Story['member']>;

export function memberIntents(
  { memberId, standing }: StoryMember,
  { currency, provider, chargeId }: StoryCharge,
): readonly Intent[] {
  const base = { ...plain, currency };
  const wallet = { memberId, currency };
  const amount = { label: 'amount', firstMinor: null, mostMinor: null } as const;
  const letIn: Intent =
    standing === 'active'
      ? { ...base, id: 'block_member', isGrave: true, act: () => ({ kind: 'block_member', memberId }) }
      : { ...base, id: 'unblock_member', act: () => ({ kind: 'unblock_member', memberId }) };
  const write = messageIntent(memberId, { chargeId: chargeId as ChargeId });
  if (provider !== 'wallet') return [write, letIn];
  return [
    write,
    letIn,
    { ...base, id: 'open_wallet', act: () => ({ kind: 'open_wallet', ...wallet }) },
    {
      ...base,
      id: 'top_up_wallet',
      amount,
      reference: true,
      act: ({ amountMinor, reference }) => ({ kind: 'top_up_wallet', ...wallet, amountMinor, reference }),
    },
    {
      ...base,
      id: 'adjust_wallet',
      amount: { ...amount, negative: true },
      reference: true,
      act: ({ amountMinor, reference }) => ({ kind: 'adjust_wallet', ...wallet, amountMinor, reference }),
    },
  ];
}

type Visit = { readonly cabinetId: string; readonly visitId: VisitId };

/** `about`: the purchase, or the visit without one. */
function messageIntent(
  memberId: string,
  about: { readonly chargeId: ChargeId } | { readonly visit: Visit },
): Intent {
  return {
    ...plain,
    id: 'message_member',
    message: true,
    cannot: 'cannotMessage',
    act: ({ template, text }) => ({ kind: 'message_member', memberId, template, text, ...about }),
  };
}

export function visitIntents(
  { cabinetId, visitId, memberId }: UnchargedVisit,
  goods: VisitGoods | null,
): readonly Intent[] {
  const visit = { cabinetId, visitId: visitId as VisitId };
  const write = messageIntent(memberId, { visit });
  if (goods === null) return [write];
  const byHand: Intent = {
    ...{ ...plain, id: 'charge_visit', currency: goods.currency, goods, cannot: 'cannotVisit' },
    act: (filled) => ({ kind: 'charge_visit', ...visit, goods: [...filled.goods] }),
  };
  return [byHand, write];
}

/** That catalogue is sold by from now on. */
export function goodsIntent(number: number): Intent {
  return { ...plain, id: 'put_goods', cannot: 'cannotGoods', act: () => ({ kind: 'put_goods', number }) };
}

/** All promotions anew: what is not among them ends. */
export function promotionsIntent(promotions: readonly Promotion[]): Intent {
  const act = (): ConsoleAct => ({ kind: 'put_promotions', promotions: [...promotions] });
  return { ...plain, id: 'put_promotions', cannot: 'cannotPromotions', act };
}

type Order = Updates['order'];
const ofUpdates: Base = { ...plain, cannot: 'cannotUpdate' };

/** A release for a share of all cabinets; what was ordered last stands there first. */
export function orderIntent(order: Order, cabinetId: string | null = null): Intent {
  const first = {
    release: order?.release ?? '',
    percent: cabinetId === null ? (order?.percent ?? 1) : 100,
    windows: order?.windows ?? [],
    days: orderDaysUsual,
  };
  return {
    ...ofUpdates,
    id: cabinetId === null ? 'order_update' : 'pin_cabinet',
    rollOut: { first, isOfOne: cabinetId !== null },
    act: ({ rollOut }) => ({
      kind: 'order_update',
      ...{ ...rollOut, windows: [...rollOut.windows] },
      cabinetId,
    }),
  };
}

export function pauseIntent(isPaused: boolean): Intent {
  const id = isPaused ? 'pause_updates' : 'resume_updates';
  return { ...ofUpdates, id, act: () => ({ kind: 'pause_updates', isPaused }) };
}

export function withdrawIntent(release: string): Intent {
  const act = (): ConsoleAct => ({ kind: 'withdraw_release', release });
  return { ...ofUpdates, id: 'withdraw_release', isGrave: true, act };
}

export function unpinIntent(cabinetId: string): Intent {
  return { ...ofUpdates, id: 'unpin_cabinet', act: () => ({ kind: 'unpin_cabinet', cabinetId }) };
}

export function incidentIntents(incidentId: number): readonly Intent[] {
  return [{ ...plain, id: 'close_incident', act: () => ({ kind: 'close_incident', incidentId }) }];
}

export function differenceIntents(differenceId: number): readonly Intent[] {
  const close = (state: 'explained' | 'closed') => (): ConsoleAct => ({
    kind: 'close_difference',
    differenceId,
    state,
  });
  return [
    { ...plain, id: 'explain_difference', act: close('explained') },
    { ...plain, id: 'close_difference', act: close('closed') },
  ];
}

/** What the act of it asks for of whoever does it. */
export function rightFor(intent: Intent): ConsoleRight {
  const rollOut = { release: '1.0.0', percent: 1, windows: [], days: 1 };
  const filled = { amountMinor: 1, reference: 'x', goods: [], template: 'free', text: '', rollOut } as const;
  return rightForAct(intent.act(filled));
}

/** An act as one sentence. A new kind does not compile until it has one. */
export function sentenceOf(act: ConsoleAct, words: Words, money: (amountMinor: number) => string): string {
  const { sentences } = words.acts;
  switch (act.kind) {
    case 'decide_charge':
      return sentences[act.decision](money(act.amountMinor));
    case 'close_incident':
      return sentences.close_incident(String(act.incidentId));
    case 'close_difference':
      return sentences.close_difference(String(act.differenceId));
    case 'open_wallet':
    case 'block_member':
    case 'unblock_member':
      return sentences[act.kind](act.memberId);
    case 'top_up_wallet':
    case 'adjust_wallet':
      return sentences[act.kind](act.memberId, money(act.amountMinor));
    case 'charge_visit':
      return sentences.charge_visit(
        act.visitId,
        act.goods.reduce((sum, { count }) => sum + count, 0),
      );
    case 'message_member':
      return sentences.message_member(act.memberId);
    case 'put_goods':
      return sentences.put_goods(String(act.number));
    case 'put_promotions':
      return sentences.put_promotions(act.promotions.length);
    case 'order_update':
      return act.cabinetId === null
        ? sentences.order_update(act.release, act.percent)
        : sentences.pin_cabinet(act.cabinetId, act.release);
    case 'pause_updates':
      return act.isPaused ? sentences.pause_updates : sentences.resume_updates;
    case 'withdraw_release':
      return sentences.withdraw_release(act.release);
    case 'unpin_cabinet':
      return sentences.unpin_cabinet(act.cabinetId);
    default:
      return unreachable(act);
  }
}
