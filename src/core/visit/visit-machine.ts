import { assign, enqueueActions, setup } from 'xstate';
import { emptyBasket, makeBasket, makeBill, sameEvidence } from '../basket/basket.ts';
import { type VisitLimits, visitLimits } from './limits.ts';
import type { VisitContext, VisitEffect, VisitEvent } from './visit-model.ts';

/**
 * The shopper's visit as a statechart: pure transitions, effects as data (actions of type `effect`).
 *
 *   recovering → outOfService ⇄ attract → identifyingByCode | identifyingByFace → authorising → preparing → unlocking → shopping ⇄ confirmed
 *                                                │                          │        ⇅ ajar
 *                                             refused                    checking → settling → receipt | nothingCharged
 *
 * For "my data" identifyingByCode → authorising → account, or identifyingByFace → account: the purpose holds until another way in is chosen.
 *
 * Rules that it holds: the charge is on record before the bolt moves; any change of the basket takes a confirmation
 * back; only what stood there when the bolt moved can be billed; an open door never ends a visit; whatever is in doubt
 * when the door closes is not billed.
 */
export const initialContext: VisitContext = {
  visitId: null,
  chargeId: null,
  purpose: 'visit',
  code: null,
  recognisedMemberId: null,
  member: null,
  baseline: null,
  taken: [],
  foreign: [],
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
  outOfServiceReason: 'starting',
  outOfServiceSinceMs: 0,
  timer: null,
  timerSeq: 0,
};

type Args = { context: VisitContext; event: VisitEvent };

/** Only what belongs to the cabinet, not to the visit, outlives a visit. */
function cleared(context: VisitContext): VisitContext {
  return {
    ...initialContext,
    outOfServiceReason: context.outOfServiceReason,
    outOfServiceSinceMs: context.outOfServiceSinceMs,
    timerSeq: context.timerSeq,
  };
}

function event<T extends VisitEvent['type']>(args: Args, type: T): Extract<VisitEvent, { type: T }> {
  if (args.event.type !== type) throw new Error(`expected ${type}, got ${args.event.type}`);
  return args.event as Extract<VisitEvent, { type: T }>;
}

export function createVisitMachine(limits: VisitLimits = visitLimits) {
  const machine = setup({
    types: {},
    actions: {
      /** Data for the runner; performs nothing here. */
      effect: (_: unknown, _effect: VisitEffect) => undefined,
      clear: assign(({ context }) => cleared(context)),
      account: assign({ purpose: 'account' }),
      stopTimer: assign({ timer: null }),
      startTimer: assign(({ context }, limit: keyof VisitLimits) => ({
        timerSeq: context.timerSeq + 1,
        timer: { seq: context.timerSeq + 1, durationMs: limits[limit] },
      })),
      recordAvailability: assign((args: Args) => {
        const { reason, atMs } = event(args, 'availabilityChanged');
        return reason === args.context.outOfServiceReason
          ? {}
          : { outOfServiceReason: reason, outOfServiceSinceMs: atMs };
      }),
      beginVisit: assign((args: Args) => {
        const { visitId, chargeId } =
          args.event.type === 'faceAccepted' ? args.event : event(args, 'codeScanned');
        const who =
          args.event.type === 'faceAccepted'
            ? { recognisedMemberId: args.event.memberId }
            : { code: event(args, 'codeScanned').code, purpose: args.context.purpose };
        return { ...cleared(args.context), ...who, visitId, chargeId };
      }),
      recordDoorOpened: assign((args: Args) => ({
        doorWasOpen: true,
        openedAtMs: args.context.openedAtMs ?? event(args, 'door').atMs,
      })),
      recordDoorClosed: assign((args: Args) => ({ closedAtMs: event(args, 'door').atMs })),
      /** New evidence: a new revision, and the confirmation is withdrawn. */
      takeEvidence: assign((args: Args) => {
        const { evidence, catalog } = event(args, 'evidence');
        const { context } = args;
        if (context.baseline === null) return {};
        const newlyTaken = evidence.taken.filter((epc) => !context.taken.includes(epc));
        return {
          taken: [...evidence.taken],
          foreign: [...evidence.foreign],
          confirmed: null,
          afterAbandoned:
            context.ajarLevel >= 3 ? [...context.afterAbandoned, ...newlyTaken] : context.afterAbandoned,
          basket: makeBasket(
            context.baseline,
            evidence,
            catalog,
            context.reported,
            context.basket.revision + 1,
          ),
        };
      }),
      /** While the shelf is checked the list may still move; a confirmation stands as it was when the door closed. */
      keepEvidence: assign((args: Args) => {
        const { evidence, catalog } = event(args, 'evidence');
        const { context } = args;
        if (context.baseline === null) return {};
        return {
          taken: [...evidence.taken],
          foreign: [...evidence.foreign],
          basket: makeBasket(
            context.baseline,
            evidence,
            catalog,
            context.reported,
            context.basket.revision + 1,
          ),
        };
      }),
      report: assign((args: Args) => {
        const { sku, wrong } = event(args, 'report');
        const { context } = args;
        const others = context.reported.filter((s) => s !== sku);
        return {
          reported: wrong ? [...others, sku] : others,
          confirmed: null,
          basket: {
            ...context.basket,
            revision: context.basket.revision + 1,
            lines: context.basket.lines.map((l) => (l.sku === sku ? { ...l, reported: wrong } : l)),
          },
        };
      }),
      /** Settles the bill from the final reading, or without one when the reader stayed silent. */
      makeBill: assign((args: Args) => {
        const { context } = args;
        const final = args.event.type === 'finalReading' ? args.event.reading : null;
        const shelf = context.baseline ?? { catalogVersion: '', products: [], tags: [] };
        const { taken: shown, confirmed, reported, afterAbandoned } = context;
        return { bill: makeBill({ baseline: shelf, final, shown, confirmed, reported, afterAbandoned }) };
      }),
      /** After a restart nobody has confirmed what is about to be shown; old evidence is read again. */
      distrust: assign(({ context }) => ({
        confirmed: null,
        ajarLevel: 0,
        recovered: context.visitId !== null,
      })),
    },
    guards: {
      timerIsCurrent: (args: Args) => event(args, 'timer').seq === args.context.timer?.seq,
      isAvailable: (args: Args) => event(args, 'availabilityChanged').reason === null,
      doorOpen: (args: Args) => event(args, 'door').door === 'open',
      doorClosed: (args: Args) => event(args, 'door').door === 'closed',
      evidenceChanged: (args: Args) =>
        !sameEvidence(event(args, 'evidence').evidence, {
          taken: args.context.taken,
          foreign: args.context.foreign,
        }),
      confirmsWhatIsShown: (args: Args) => event(args, 'confirm').revision === args.context.basket.revision,
      lineExists: (args: Args) => {
        const { sku } = event(args, 'report');
        return args.context.basket.lines.some((l) => l.sku === sku);
      },
      visitRuns: ({ context }: Args) => context.visitId !== null,
      isAccount: ({ context }: Args) => context.purpose === 'account',
      byFace: (args: Args) => event(args, 'chooseAccount').by === 'face',
      billIsEmpty: ({ context }: Args) => nothingToSettle(context),
    },
  });

  const entryMethods = {
    chooseCode: { target: 'identifyingByCode', actions: ['clear'] },
    chooseFace: { target: 'identifyingByFace', actions: ['clear'] },
    chooseAccount: [
      { guard: 'byFace', target: 'identifyingByFace', actions: ['clear', 'account'] },
      { target: 'identifyingByCode', actions: ['clear', 'account'] },
    ],
  } as const;
  const toCode = { target: 'authorising', actions: ['beginVisit'] } as const;
  const onDoorShopping = {
    guard: 'doorClosed',
    target: 'checking',
    actions: ['recordDoorClosed'],
  } as const;

  /** What has been settled stays settled; a forced door is an alarm at once all the same. */
  const leaveWhenForced = [
    {
      guard: ({ event: e }: { event: Extract<VisitEvent, { type: 'availabilityChanged' }> }) =>
        e.reason === 'door_open_without_visit',
      target: 'outOfService',
      actions: ['recordAvailability'],
    },
    { actions: ['recordAvailability'] },
  ] as const;

  return machine.createMachine({
    id: 'visit',
    initial: 'recovering',
    context: initialContext,
    on: { availabilityChanged: { actions: ['recordAvailability'] } },
    states: {
      /** After a start: with a visit in hand the door decides; without one, wait until everything answers. */
      recovering: {
        entry: ['stopTimer', 'distrust'],
        on: {
          door: [
            {
              guard: ({ context, event: e }) => context.visitId !== null && e.door === 'open',
              target: 'shopping',
              actions: ['recordDoorOpened'],
            },
            // Killed while the bolt was out: it may be out still, so the visit waits as long for a hand as ever.
            {
              guard: ({ context, event: e }) =>
                context.visitId !== null && e.door === 'closed' && !context.doorWasOpen,
              actions: ['recordDoorClosed', { type: 'startTimer', params: 'openDoorTimeoutMs' }],
            },
            {
              guard: ({ context, event: e }) => context.visitId !== null && e.door === 'closed',
              target: 'checking',
              actions: ['recordDoorClosed'],
            },
            { actions: ['stopTimer'] },
          ],
          timer: { guard: 'timerIsCurrent', target: 'checking' },
          availabilityChanged: [
            { guard: 'visitRuns', actions: ['recordAvailability'] },
            { guard: 'isAvailable', target: 'attract', actions: ['recordAvailability'] },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
        },
      },
      outOfService: {
        entry: [
          'clear',
          enqueueActions(({ context, enqueue }) => {
            if (context.outOfServiceReason === 'door_open_without_visit') {
              enqueue({ type: 'effect', params: { kind: 'alarm', alarm: 'door_open_without_visit' } });
            }
          }),
        ],
        on: {
          availabilityChanged: [
            { guard: 'isAvailable', target: 'attract', actions: ['recordAvailability'] },
            // Another reason: enter again, so that its alarm is raised too.
            {
              guard: ({ context, event: e }) => e.reason !== context.outOfServiceReason,
              target: 'outOfService',
              reenter: true,
              actions: ['recordAvailability'],
            },
          ],
        },
      },
      attract: {
        entry: ['clear'],
        always: { guard: ({ context }) => context.outOfServiceReason !== null, target: 'outOfService' },
        on: {
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          ...entryMethods,
          codeScanned: toCode,
          codeRefused: {
            target: 'refused',
            actions: [assign({ refusedReason: ({ event: e }) => e.reason })],
          },
        },
      },
      identifyingByCode: {
        entry: [{ type: 'startTimer', params: 'identifyTimeoutMs' }],
        on: {
          chooseFace: entryMethods.chooseFace,
          // The network went while the code was looked for: the face can be shown instead.
          chooseAccount: entryMethods.chooseAccount[0],
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          codeScanned: toCode,
          codeRefused: {
            target: 'refused',
            actions: [assign({ refusedReason: ({ event: e }) => e.reason })],
          },
          cancel: 'attract',
          timer: { guard: 'timerIsCurrent', target: 'attract' },
        },
      },
      /** The face screen: the notice, then the camera. Who it is, main/face decides. */
      identifyingByFace: {
        entry: [{ type: 'startTimer', params: 'identifyTimeoutMs' }],
        on: {
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          // The other way to the same thing: from here to "my data" no door opens.
          chooseCode: [
            { guard: 'isAccount', target: 'identifyingByCode', actions: ['clear', 'account'] },
            entryMethods.chooseCode,
          ],
          active: { actions: [{ type: 'startTimer', params: 'identifyTimeoutMs' }] },
          faceAccepted: [
            // Nobody is asked and no visit begins: what a member may do with the own face needs no operator.
            {
              guard: 'isAccount',
              target: 'account',
              actions: [assign({ recognisedMemberId: ({ event: e }) => e.memberId })],
            },
            { target: 'authorising', actions: ['beginVisit'] },
          ],
          codeScanned: toCode,
          codeRefused: {
            target: 'refused',
            actions: [assign({ refusedReason: ({ event: e }) => e.reason })],
          },
          cancel: 'attract',
          timer: { guard: 'timerIsCurrent', target: 'attract' },
        },
      },
      authorising: {
        entry: [
          { type: 'startTimer', params: 'authoriseTimeoutMs' },
          {
            type: 'effect',
            params: ({ context: { code, recognisedMemberId, purpose } }) => ({
              kind: 'authorise' as const,
              by: recognisedMemberId === null ? { code: code ?? '', purpose } : { recognisedMemberId },
            }),
          },
        ],
        on: {
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          authorised: [
            {
              guard: ({ context }) => context.purpose === 'account',
              target: 'account',
              actions: [assign({ member: ({ event: e }) => e.member, code: null })],
            },
            {
              target: 'preparing',
              actions: [assign({ member: ({ event: e }) => e.member, code: null })],
            },
          ],
          refused: { target: 'refused', actions: [assign({ refusedReason: ({ event: e }) => e.reason })] },
          cancel: 'attract',
          timer: {
            guard: 'timerIsCurrent',
            target: 'refused',
            actions: [assign({ refusedReason: 'network.timeout' })],
          },
        },
      },
      /** "My data" of a member who was identified by code, or by face without a network. The door is no part of it. */
      account: {
        entry: [{ type: 'startTimer', params: 'accountIdleMs' }],
        on: {
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          active: { actions: [{ type: 'startTimer', params: 'accountIdleMs' }] },
          cancel: 'attract',
          finish: 'attract',
          timer: { guard: 'timerIsCurrent', target: 'attract' },
        },
      },
      refused: {
        entry: [{ type: 'startTimer', params: 'refusedMs' }],
        on: {
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          ...entryMethods,
          codeScanned: toCode,
          codeRefused: {
            target: 'refused',
            reenter: true,
            actions: [assign({ refusedReason: ({ event: e }) => e.reason })],
          },
          cancel: 'attract',
          finish: 'attract',
          timer: { guard: 'timerIsCurrent', target: 'attract' },
        },
      },
      /** Allowed; the shelf is read before the bolt moves. */
      preparing: {
        entry: [
          { type: 'startTimer', params: 'baselineTimeoutMs' },
          { type: 'effect', params: { kind: 'takeBaseline' } },
        ],
        on: {
          availabilityChanged: [
            { guard: 'isAvailable' },
            { target: 'outOfService', actions: ['recordAvailability'] },
          ],
          baseline: {
            target: 'unlocking',
            actions: [
              assign({ baseline: ({ event: e }) => e.inventory, openedAtMs: ({ event: e }) => e.atMs }),
            ],
          },
          // The charge could not be put on record: then the bolt does not move.
          refused: { target: 'refused', actions: [assign({ refusedReason: ({ event: e }) => e.reason })] },
          cancel: 'attract',
          timer: {
            guard: 'timerIsCurrent',
            target: 'refused',
            actions: [assign({ refusedReason: 'system.device_fault' })],
          },
        },
      },
      unlocking: {
        entry: [
          { type: 'effect', params: { kind: 'record', record: 'openCharge' } },
          { type: 'effect', params: { kind: 'unlock' } },
          { type: 'startTimer', params: 'openDoorTimeoutMs' },
        ],
        on: {
          door: [
            { guard: 'doorOpen', target: 'shopping', actions: ['recordDoorOpened'] },
            { actions: [assign({ doorLost: ({ event: e }) => e.door === 'unknown' })] },
          ],
          // The board may have been asked twice: the latch waits from the last time on, and so does the visit.
          unlocked: { actions: [{ type: 'startTimer', params: 'openDoorTimeoutMs' }] },
          // Not acknowledged is not "did not open": the latch may wait for a hand as long as ever, so does the visit.
          unlockFailed: {
            actions: [
              assign({ unlockFailed: true }),
              { type: 'startTimer', params: 'openDoorTimeoutMs' },
              { type: 'effect', params: { kind: 'alarm', alarm: 'device_fault' } },
            ],
          },
          timer: [
            // Nobody can say that the door is shut: it counts as open until the lock says otherwise.
            {
              guard: ({ context, event: e }) => e.seq === context.timer?.seq && context.doorLost,
              target: 'shopping',
            },
            { guard: 'timerIsCurrent', target: 'checking' },
          ],
        },
      },
      shopping: {
        entry: [assign({ confirmed: null, ajarLevel: 0 }), { type: 'startTimer', params: 'ajarAfterMs' }],
        on: {
          evidence: {
            guard: 'evidenceChanged',
            actions: ['takeEvidence', { type: 'startTimer', params: 'ajarAfterMs' }],
          },
          report: { guard: 'lineExists', actions: ['report'] },
          confirm: {
            guard: 'confirmsWhatIsShown',
            target: 'confirmed',
            actions: [assign({ confirmed: ({ context }) => context.taken })],
          },
          door: onDoorShopping,
          timer: { guard: 'timerIsCurrent', target: 'ajar' },
        },
      },
      confirmed: {
        entry: [{ type: 'startTimer', params: 'ajarAfterMs' }],
        on: {
          evidence: { guard: 'evidenceChanged', target: 'shopping', actions: ['takeEvidence'] },
          report: { guard: 'lineExists', target: 'shopping', actions: ['report'] },
          door: onDoorShopping,
          timer: { guard: 'timerIsCurrent', target: 'ajar' },
        },
      },
      /** Open too long. The visit is kept: nothing is given away, and what leaves unattended is not billed silently. */
      ajar: {
        entry: [assign({ ajarLevel: 1 }), { type: 'startTimer', params: 'ajarSoundAfterMs' }],
        on: {
          evidence: [
            {
              guard: ({ context, event: e }) =>
                context.ajarLevel < 3 &&
                !sameEvidence(e.evidence, { taken: context.taken, foreign: context.foreign }),
              target: 'shopping',
              actions: ['takeEvidence'],
            },
            { guard: 'evidenceChanged', actions: ['takeEvidence'] },
          ],
          report: { guard: 'lineExists', actions: ['report'] },
          confirm: {
            guard: 'confirmsWhatIsShown',
            target: 'confirmed',
            actions: [assign({ confirmed: ({ context }) => context.taken, ajarLevel: 0 })],
          },
          door: onDoorShopping,
          timer: [
            {
              guard: ({ context, event: e }) => e.seq === context.timer?.seq && context.ajarLevel === 1,
              actions: [assign({ ajarLevel: 2 }), { type: 'startTimer', params: 'ajarStaffAfterMs' }],
            },
            {
              guard: ({ context, event: e }) => e.seq === context.timer?.seq && context.ajarLevel === 2,
              actions: [
                assign({ ajarLevel: 3, timer: null }),
                { type: 'effect', params: { kind: 'alarm', alarm: 'door_left_open' } },
              ],
            },
          ],
        },
      },
      checking: {
        entry: [
          {
            type: 'startTimer',
            params: ({ context }) => (context.recovered ? 'recoveredCheckTimeoutMs' : 'checkTimeoutMs'),
          },
          { type: 'effect', params: { kind: 'finalReading' } },
        ],
        on: {
          // The bolt had not caught, or the door bounced: the visit goes on.
          door: { guard: 'doorOpen', target: 'shopping', actions: ['recordDoorOpened'] },
          evidence: { guard: 'evidenceChanged', actions: ['keepEvidence'] },
          finalReading: { target: 'settling', actions: ['makeBill'] },
          timer: { guard: 'timerIsCurrent', target: 'settling', actions: ['makeBill'] },
        },
      },
      /** The bill is made; it is committed together with the end of the visit. */
      settling: {
        entry: ['stopTimer', { type: 'effect', params: { kind: 'record', record: 'settle' } }],
        on: {
          settled: [
            {
              guard: 'billIsEmpty',
              target: 'nothingCharged',
              actions: [assign({ nothingChargedReason: ({ context }) => nothingChargedReason(context) })],
            },
            { target: 'receipt' },
          ],
        },
      },
      receipt: {
        entry: [{ type: 'startTimer', params: 'receiptMs' }],
        on: {
          holdReceipt: { actions: [{ type: 'startTimer', params: 'receiptHoldMs' }] },
          disputed: { actions: [{ type: 'startTimer', params: 'receiptMs' }] },
          availabilityChanged: leaveWhenForced,
          finish: 'attract',
          chooseCode: 'identifyingByCode',
          codeScanned: toCode,
          timer: { guard: 'timerIsCurrent', target: 'attract' },
        },
      },
      nothingCharged: {
        entry: [{ type: 'startTimer', params: 'nothingChargedMs' }],
        on: {
          availabilityChanged: leaveWhenForced,
          finish: 'attract',
          chooseCode: 'identifyingByCode',
          codeScanned: toCode,
          timer: { guard: 'timerIsCurrent', target: 'attract' },
        },
      },
    },
  });
}

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
