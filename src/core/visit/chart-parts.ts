import type { TotalName, VisitLimits } from './limits.ts';
import type { VisitArgs } from './visit-context.ts';
import type { VisitEffect } from './visit-model.ts';

// What several states of the visit chart (visit-machine.ts) do or answer alike.

/** An action that main performs after the commit. */
export const effect = (params: VisitEffect) => ({ type: 'effect' as const, params });
/** Unlocks the door that was chosen, or the only one. */
export const unlock = {
  type: 'effect' as const,
  params: ({ context: { chosenDoor } }: VisitArgs): VisitEffect => ({
    type: 'unlock',
    ...(chosenDoor !== null && { door: chosenDoor }),
  }),
};
/** Begins the one wait of the state, with its length from the limits. */
export const startTimer = (limit: keyof VisitLimits) => ({ type: 'startTimer' as const, params: limit });
/** Begins the wait in total, which runs on beside it. */
export const startTotal = (limit: TotalName) => ({ type: 'startTotal' as const, params: limit });

export const deviceFault = { type: 'raiseAlarm', alarm: 'device_fault' } as const;

/** The program was ended in the middle of a visit, and has started again. */
export const resumes = [
  {
    guard: 'resumesTooOften',
    target: '#recovering',
    reenter: true,
    actions: [
      'becomeOverdue',
      effect({ ...deviceFault, detail: 'the program starts again and again in the course of a visit' }),
    ],
  },
  { target: '#recovering', reenter: true },
] as const;

/** Nothing can be put on record, with the bolt out: whoever stands at the door is not seen to be the shopper. */
export const losesSight = { guard: 'isAttended', actions: ['becomeUnattended'] } as const;

/** What is told stays told; a forced door is an alarm at once all the same. */
export const staysUnlessForced = [
  { guard: 'isDoorForced', target: '#attract', actions: ['recordAvailability'] },
  { actions: ['recordAvailability'] },
] as const;

// How somebody comes in. To the door not while the cabinet is not available, as it may have become meanwhile.
export const unavailable = { guard: 'isUnavailable', target: '#attract' } as const;
/** "My data": by face where that is possible, else by code. */
export const faceForAccount = { target: '#identifyingByFace', actions: ['clear', 'forAccount'] } as const;
export const codeForAccount = { target: '#identifyingByCode', actions: ['clear', 'forAccount'] } as const;
/** What may be chosen where nobody is being identified. */
export const entryMethods = {
  chooseCode: [unavailable, { target: '#identifyingByCode', actions: ['clear'] }],
  chooseFace: [unavailable, { target: '#identifyingByFace', actions: ['clear'] }],
  chooseAccount: [{ guard: 'byFace', ...faceForAccount }, codeForAccount],
} as const;
/** A code may be held before the scanner without choosing anything. */
export const codeEntry = {
  codeScanned: [
    { guard: 'isClosedToCode', target: '#attract' },
    { target: '#authorising', actions: ['beginVisit'] },
  ],
} as const;
/** Nobody is there any more. */
export const waitIsOver = { timer: '#attract', overdue: '#attract' } as const;
export const backToAttract = { cancel: '#attract', finish: '#attract', ...waitIsOver } as const;

/**
 * A report in hand, wherever it is filled in: whoever is away for a minute is warned, then the screen is cleared (main has
 * kept what was marked). A scan meanwhile is of somebody else, and takes nothing away. `usual`: the wait of that screen.
 */
export function formOn(usual: 'receiptMs' | 'accountIdleMs') {
  const closed = { actions: ['closeForm', startTimer(usual)] } as const;
  return {
    formClosed: { guard: 'formInHand', ...closed },
    disputed: closed,
    timer: [
      { guard: 'formNotWarned', actions: ['warnForm', startTimer('formWarnedMs')] },
      { target: '#attract' },
    ],
  } as const;
}
/** Something was marked on a report, or it was opened. */
export const formChanged = { actions: ['recordForm', startTimer('formIdleMs')] } as const;
