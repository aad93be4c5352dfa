/** Words that cabinet, operator and page share about service mode. */

/** Who may do what grows in this order. Of a cabinet's own staff; who works in the console is another list (console/roles.ts). */
export const serviceRoles = ['restocker', 'technician', 'administrator'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

export const pinLength = { min: 6, max: 12 } as const;
/** A member of the staff is known by a number, as it is typed before the PIN. */
export const staffNoLength = { min: 4, max: 6 } as const;
export const serviceCodeLength = 20;

/** Of these the set-up of devices is made. */
export const setupActs = [
  'findDevices',
  'tryDevice',
  'leaveOutDevice',
  'dropProfile',
  'saveProfile',
  'undoProfile',
] as const;
/** What may be done in service mode; who may do it stands in core/service/acts.ts. */
export const serviceActs = [
  'openDoor',
  'acceptStock',
  'addLot',
  'removeLot',
  'beginRestock',
  'nextRestock',
  'breakOffRestock',
  'moveProduct',
  'undoMove',
  'saveDifferences',
  'takePhoto',
  'undoPhoto',
  'acceptCooling',
  'testDevice',
  'selfTest',
  'setLight',
  'sendCharges',
  'changePin',
  'readLog',
  'supportBundle',
  'askOffice',
  'deleteFaces',
  'restartApp',
  'shutDown',
  'updateNow',
  'postponeUpdate',
  'changeSettings',
  'undoSettings',
  ...setupActs,
] as const;
export type ServiceAct = (typeof serviceActs)[number];

/** For these the PIN is typed, each time anew: whoever finds an open session, or has got hold of the page, does none of them. */
export const pinActs = [
  'acceptCooling',
  'changePin',
  'readLog',
  'deleteFaces',
  'restartApp',
  'shutDown',
  'changeSettings',
  'undoSettings',
  'saveProfile',
  'undoProfile',
] as const satisfies readonly ServiceAct[];
export type PinAct = (typeof pinActs)[number];

/** In a cabinet's list at most. */
export const staffCountMax = 200;
/** Without a word of the operator for so long no PIN opens the cabinet any more. */
export const staffListLifeMs = 30 * 86_400_000;

/**
 * Argon2id (RFC 9106) of PINs, as OWASP's Password Storage Cheat Sheet asks for at least: 19 MiB, 2 passes, 1 lane; a salt of
 * 128 and a tag of 256 bits. Operator and cabinet each have a library of their own for it.
 */
export const pinHashing = { memoryKib: 19_456, passes: 2, lanes: 1, saltBytes: 16, tagBytes: 32 } as const;

export const pinFaults = ['not_digits', 'too_short', 'too_long', 'trivial', 'differ'] as const;
/** Why a new PIN was not taken: it may not be one, or the disk did not take it. */
export const newPinFaults = [...pinFaults, 'storage'] as const;
export type NewPinFault = (typeof newPinFaults)[number];
/**
 * Why nobody was let in. `wrong`: number, PIN or code, and which is not said; `list_old`: no PIN counts, for the operator has not
 * been heard for too long; `no_list`: it has not said yet who works here; `busy`: a shopper is there, or an update.
 */
export const signInRefusals = ['wrong', 'wait', 'list_old', 'no_list', 'busy', 'storage'] as const;
export type SignInRefusal = (typeof signInRefusals)[number];
/** `setup_open`: devices are being tried that are not saved, and what they say of the door is not believed yet. */
export const leaveRefusals = ['door_open', 'door_unknown', 'bolt_loose', 'setup_open'] as const;
export type LeaveRefusal = (typeof leaveRefusals)[number];
export const serviceOutcomes = ['running', 'done', 'failed', 'refused'] as const;
export type ServiceOutcome = (typeof serviceOutcomes)[number];
