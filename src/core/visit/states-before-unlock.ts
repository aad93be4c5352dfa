import {
  backToAttract,
  codeEntry,
  codeForAccount,
  effect,
  entryMethods,
  faceForAccount,
  formChanged,
  formOn,
  startTimer,
  startTotal,
  staysUnlessForced,
  unavailable,
  unlock,
  waitIsOver,
} from './chart-parts.ts';
import type { VisitSetup } from './visit-setup.ts';

/** The charge is on record before the bolt moves. */
const unlocks = [effect({ type: 'openCharge' }), unlock] as const;

/** The door is shut and the bolt has not moved: whatever happens, nobody can have taken anything. */
export function beforeUnlock(s: VisitSetup) {
  return s.createStateConfig({
    on: {
      // `attract` goes on to `outOfService` by itself.
      availabilityChanged: [
        { guard: 'becomesAvailable', actions: ['recordAvailability'] },
        // Lock and reader are no part of the account, nor of the way to it: nobody is sent away from there.
        { guard: 'isApartFromDoor', actions: ['recordAvailability'] },
        { target: '#attract', actions: ['recordAvailability'] },
      ],
    },
    initial: 'reception',
    states: {
      outOfService: {
        id: 'outOfService',
        entry: ['clear', 'stopTotal'],
        on: {
          availabilityChanged: {
            guard: 'becomesAvailable',
            target: '#attract',
            actions: ['recordAvailability'],
          },
        },
      },
      reception: reception(s),
      authorising: {
        id: 'authorising',
        tags: ['polledActively'],
        entry: [
          startTimer('authoriseTimeoutMs'),
          {
            type: 'effect',
            params: ({ context: { code, recognisedMemberId, purpose } }) => ({
              type: 'authorise' as const,
              credential:
                recognisedMemberId === null ? { code: code ?? '', purpose } : { recognisedMemberId },
            }),
          },
        ],
        on: {
          authorised: [
            { guard: 'isForAccount', target: '#account', actions: ['recordMember'] },
            { target: '#preparing', actions: ['recordMember'] },
          ],
          refused: { target: '#refused', actions: ['recordRefusal'] },
          cancel: '#attract',
          timer: { target: '#refused', actions: [{ type: 'refuse', params: 'network.timeout' }] },
        },
      },
      /** The account of a member identified by code, or by face without a network. The door is no part of it. */
      account: {
        id: 'account',
        entry: [startTimer('accountIdleMs'), startTotal('accountTotalMs')],
        on: {
          active: [
            { guard: 'formInHand', actions: ['unwarnForm', startTimer('formIdleMs')] },
            { actions: [startTimer('accountIdleMs')] },
          ],
          // Shown here, after the screen has asked for it: the account anew, and a face may be enrolled.
          codeScanned: [
            { guard: 'formInHand' },
            { guard: 'isEnrolmentCode', target: '#authorising', actions: ['beginVisit'] },
          ],
          // Shown too long ago for the operator: the code once more.
          chooseAccount: { guard: 'mayShowCodeAgain', ...codeForAccount },
          formChanged,
          ...backToAttract,
          ...formOn('accountIdleMs'),
        },
      },
      /** Allowed; the shelf is read before the bolt moves. */
      preparing: {
        id: 'preparing',
        tags: ['polledActively'],
        entry: [startTimer('baselineTimeoutMs'), effect({ type: 'takeBaseline' })],
        on: {
          baseline: [
            // `attract` looks at once whether the cabinet sells, and the screen says why it does not.
            { guard: 'isNothingThere', target: '#attract' },
            { guard: 'hasSeveralDoors', target: '#choosingDoor', actions: ['recordBaseline'] },
            { target: '#unlocking', actions: ['recordBaseline', ...unlocks] },
          ],
          // The charge could not be put on record: then the bolt does not move.
          refused: { target: '#refused', actions: ['recordRefusal'] },
          cancel: '#attract',
          timer: { target: '#refused', actions: [{ type: 'refuse', params: 'system.device_fault' }] },
        },
      },
      /** Allowed, and the shelf is read: which door is it to be? */
      choosingDoor: {
        id: 'choosingDoor',
        tags: ['polledActively'],
        entry: [startTimer('chooseDoorMs')],
        on: {
          openDoor: { guard: 'isDoorInUse', target: '#unlocking', actions: ['recordDoorChosen', ...unlocks] },
          refused: { target: '#refused', actions: ['recordRefusal'] },
          cancel: '#attract',
          timer: '#attract',
        },
      },
    },
  });
}

/** Before somebody is known: a code may be shown at any time. */
function reception(s: VisitSetup) {
  return s.createStateConfig({
    on: {
      ...codeEntry,
      codeRefused: { target: '#refused', actions: ['recordRefusal'] },
    },
    initial: 'attract',
    states: {
      attract: {
        id: 'attract',
        entry: ['clear', 'stopTotal'],
        always: { guard: 'isUnavailable', target: '#outOfService' },
        on: { ...entryMethods },
      },
      identifying: {
        tags: ['polledActively'],
        entry: [startTotal('identifyTotalMs')],
        on: {
          cancel: '#attract',
          active: { actions: [startTimer('identifyTimeoutMs')] },
          ...waitIsOver,
        },
        initial: 'identifyingByCode',
        states: {
          identifyingByCode: {
            id: 'identifyingByCode',
            entry: [startTimer('identifyTimeoutMs')],
            on: {
              chooseFace: [unavailable, { target: '#identifyingByFace', actions: ['clear'] }],
              // The network went while the code was looked for: the face can be shown instead.
              chooseAccount: { guard: 'byFace', ...faceForAccount },
            },
          },
          /** The face screen: the notice, then the camera. Who it is, main/face decides. */
          identifyingByFace: {
            id: 'identifyingByFace',
            entry: [startTimer('identifyTimeoutMs')],
            on: {
              // The code for the same thing: from here to the account no door opens.
              chooseCode: [
                { guard: 'isForAccount', ...codeForAccount },
                unavailable,
                { target: '#identifyingByCode', actions: ['clear'] },
              ],
              faceAccepted: [
                // Nobody is asked and no visit begins: what a member may do with the own face needs no operator.
                { guard: 'isForAccount', target: '#account', actions: ['recordRecognised'] },
                { target: '#authorising', actions: ['beginVisit'] },
              ],
            },
          },
        },
      },
      refused: {
        id: 'refused',
        entry: [startTimer('refusedMs'), startTotal('refusedTotalMs')],
        on: {
          active: { actions: [startTimer('refusedMs')] },
          availabilityChanged: staysUnlessForced,
          ...entryMethods,
          ...backToAttract,
        },
      },
    },
  });
}
