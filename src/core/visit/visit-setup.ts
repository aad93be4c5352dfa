import { assign, setup } from 'xstate';
import { emptyBasket, makeBasket, makeBill } from '../basket/basket.ts';
import {
  type BaselineInventory,
  type InventoryLine,
  quantityOf,
  sameQuantities,
} from '../recognition/inventory.ts';
import type { VisitLimits } from './limits.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { VisitContext, VisitEffect, VisitEvent } from './visit-model.ts';

/** Before anything has happened. */
export const initialContext: VisitContext = {
  visitId: null,
  chargeId: null,
  purpose: 'visit',
  code: null,
  recognisedMemberId: null,
  member: null,
  baseline: null,
  taken: [],
  added: [],
  basket: emptyBasket,
  confirmed: null,
  reported: [],
  ajarLevel: 0,
  afterAbandoned: [],
  doorWasOpen: false,
  doorLost: false,
  unlockFailed: false,
  recovered: false,
  bill: null,
  refusedReason: null,
  nothingChargedReason: null,
  openedAtMs: null,
  closedAtMs: null,
  available: false,
  timer: null,
  timerSeq: 0,
};

/** From this level of an open door on the staff has been told, and what leaves is not billed without a human. */
const abandonedLevel = 3;

/** The sum of both, a line for each article; never more of one than `baseline` has. */
function addLines(
  a: readonly InventoryLine[],
  b: readonly InventoryLine[],
  baseline: BaselineInventory | null,
): InventoryLine[] {
  const most = (sku: string | null): number => quantityOf(baseline?.lines ?? [], sku);
  const sums = [
    ...a.map((line) => ({ ...line, quantity: line.quantity + quantityOf(b, line.sku) })),
    ...b.filter((line) => quantityOf(a, line.sku) === 0),
  ];
  return sums
    .map((line) => ({ ...line, quantity: Math.min(line.quantity, most(line.sku)) }))
    .filter((line) => line.quantity > 0);
}

type Args = { context: VisitContext; event: VisitEvent };

/** Only what belongs to the cabinet, not to the visit, outlives a visit. */
function cleared(context: VisitContext): VisitContext {
  return { ...initialContext, available: context.available, timerSeq: context.timerSeq };
}

function event<T extends VisitEvent['type']>(args: Args, type: T): Extract<VisitEvent, { type: T }> {
  if (args.event.type !== type) throw new Error(`expected ${type}, got ${args.event.type}`);
  return args.event as Extract<VisitEvent, { type: T }>;
}

/** The evidence says something else than before. */
function hasChanged(args: Args): boolean {
  const { taken, added } = event(args, 'evidence');
  return !sameQuantities(taken, args.context.taken) || !sameQuantities(added, args.context.added);
}

function beganBy(args: Args): Partial<VisitContext> {
  if (args.event.type === 'faceAccepted') return { recognisedMemberId: args.event.memberId };
  return { code: event(args, 'codeScanned').code, purpose: args.context.purpose };
}

/** The actions and guards of the chart. Pure: an effect is data for main, an action only makes the next context. */
export function makeVisitSetup(limits: VisitLimits) {
  return setup({
    types: {
      context: {} as VisitContext,
      events: {} as VisitEvent,
    },
    actions: {
      effect: (_: unknown, _effect: VisitEffect) => undefined,
      clear: assign(({ context }) => cleared(context)),
      forAccount: assign({ purpose: 'account' }),
      stopTimer: assign({ timer: null }),
      startTimer: assign(({ context }, limit: keyof VisitLimits) => ({
        timerSeq: context.timerSeq + 1,
        timer: { seq: context.timerSeq + 1, durationMs: limits[limit] },
      })),
      recordAvailability: assign((args: Args) => ({
        available: event(args, 'availabilityChanged').available,
      })),
      beginVisit: assign((args: Args) => {
        const { visitId, chargeId } =
          args.event.type === 'faceAccepted' ? args.event : event(args, 'codeScanned');
        return { ...cleared(args.context), ...beganBy(args), visitId, chargeId };
      }),
      recordRecognised: assign((args: Args) => ({
        recognisedMemberId: event(args, 'faceAccepted').memberId,
      })),
      recordMember: assign((args: Args) => ({ member: event(args, 'authorised').member, code: null })),
      recordRefusal: assign((args: Args) => ({
        refusedReason: (args.event.type === 'codeRefused' ? args.event : event(args, 'refused')).reason,
      })),
      refuse: assign((_: Args, refusedReason: ReasonCode) => ({ refusedReason })),
      recordDoorOpened: assign((args: Args) => ({
        doorWasOpen: true,
        openedAtMs: args.context.openedAtMs ?? event(args, 'door').atMs,
      })),
      recordBaseline: assign((args: Args) => {
        const { inventory, atMs } = event(args, 'baseline');
        return { baseline: inventory, openedAtMs: atMs };
      }),
      recordUnlockFailed: assign({ unlockFailed: true }),
      recordDoorLost: assign((args: Args) => ({ doorLost: event(args, 'door').door === 'unknown' })),
      recordDoorClosed: assign((args: Args) => ({ closedAtMs: event(args, 'door').atMs })),
      /** New evidence: a new revision of the basket. */
      applyEvidence: assign((args: Args) => {
        const { taken, added } = event(args, 'evidence');
        const { baseline, basket, reported } = args.context;
        if (baseline === null) return {};
        const next = makeBasket(baseline, { taken, added }, reported, basket.revision + 1);
        return { taken: [...taken], added: [...added], basket: next };
      }),
      /** Before `applyEvidence`: what leaves while nobody looks after the open door. */
      recordAbandoned: assign((args: Args) => {
        const { ajarLevel, taken, afterAbandoned, baseline } = args.context;
        if (ajarLevel < abandonedLevel) return {};
        const newlyTaken = event(args, 'evidence').taken.flatMap((line) => {
          const quantity = line.quantity - quantityOf(taken, line.sku);
          return quantity > 0 ? [{ ...line, quantity }] : [];
        });
        return { afterAbandoned: addLines(afterAbandoned, newlyTaken, baseline) };
      }),
      withdrawConfirmation: assign({ confirmed: null }),
      beginShopping: assign({ confirmed: null, ajarLevel: 0 }),
      setAjarLevel: assign((_: Args, ajarLevel: number) => ({ ajarLevel })),
      confirm: assign(({ context }) => ({ confirmed: context.taken, ajarLevel: 0 })),
      report: assign((args: Args) => {
        const { sku, wrong } = event(args, 'report');
        const { reported, basket } = args.context;
        const others = reported.filter((s) => s !== sku);
        const lines = basket.lines.map((l) => (l.sku === sku ? { ...l, reported: wrong } : l));
        return {
          reported: wrong ? [...others, sku] : others,
          confirmed: null,
          basket: { ...basket, revision: basket.revision + 1, lines },
        };
      }),
      /** Settles the bill from the final reading, or without one when the reader stayed silent. */
      makeBill: assign((args: Args) => {
        const { context } = args;
        const final = args.event.type === 'finalReading' ? args.event.reading : null;
        const baseline = context.baseline ?? { catalogVersion: '', products: [], lines: [] };
        const { taken: shown, confirmed, reported, afterAbandoned } = context;
        return { bill: makeBill({ baseline, final, shown, confirmed, reported, afterAbandoned }) };
      }),
      recordNothingCharged: assign(({ context }) => ({
        nothingChargedReason: nothingChargedReason(context),
      })),
      /** After a restart nobody has confirmed what is about to be shown; old evidence is read again. */
      distrust: assign(({ context }) => ({
        confirmed: null,
        ajarLevel: 0,
        recovered: context.visitId !== null,
        available: false,
      })),
    },
    guards: {
      isUnavailable: ({ context }: Args) => !context.available,
      becomesAvailable: (args: Args) => event(args, 'availabilityChanged').available,
      isDoorForced: (args: Args) => event(args, 'availabilityChanged').isDoorForced,
      doorOpen: (args: Args) => event(args, 'door').door === 'open',
      doorClosed: (args: Args) => event(args, 'door').door === 'closed',
      doorLost: ({ context }: Args) => context.doorLost,
      doorClosedNeverOpened: (args: Args) =>
        event(args, 'door').door === 'closed' && !args.context.doorWasOpen,
      isAjarLevel: ({ context }: Args, level: number) => context.ajarLevel === level,
      noVisit: ({ context }: Args) => context.visitId === null,
      evidenceChanged: (args: Args) => hasChanged(args),
      evidenceChangedAbandoned: (args: Args) => args.context.ajarLevel >= abandonedLevel && hasChanged(args),
      confirmsWhatIsShown: (args: Args) => event(args, 'confirm').revision === args.context.basket.revision,
      lineExists: (args: Args) => {
        const { sku } = event(args, 'report');
        return args.context.basket.lines.some((l) => l.sku === sku);
      },
      visitRuns: ({ context }: Args) => context.visitId !== null,
      isForAccount: ({ context }: Args) => context.purpose === 'account',
      byFace: (args: Args) => event(args, 'chooseAccount').by === 'face',
      billIsEmpty: ({ context }: Args) => nothingToSettle(context),
    },
  });
}

export type VisitSetup = ReturnType<typeof makeVisitSetup>;

/** Why a visit with an empty bill ended so. */
export function nothingChargedReason(
  context: VisitContext,
): 'not_opened' | 'nothing_taken' | 'unlock_failed' {
  if (context.doorWasOpen) return 'nothing_taken';
  return context.unlockFailed ? 'unlock_failed' : 'not_opened';
}

/**
 * True when there is nothing to bill and nothing for a human to look at. A door that was open (or may have been) while
 * the reader was lost is something to look at, though no goods can be named.
 */
export function nothingToSettle({ bill, doorWasOpen, unlockFailed, recovered }: VisitContext): boolean {
  if (bill === null) return true;
  if (bill.lines.length + bill.heldLines.length > 0) return false;
  return bill.review.length === 0 || !(doorWasOpen || unlockFailed || recovered);
}
