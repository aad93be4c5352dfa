/** Words that cabinet, operator and page share about service mode. */

/** Who may do what grows in this order. Of a cabinet's own staff; who works in the console is another list (console/roles.ts). */
export const serviceRoles = ['restocker', 'technician', 'administrator'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

export const pinLength = { min: 6, max: 12 } as const;
/** A member of the staff is known by a number, as it is typed before the PIN. */
export const staffNoLength = { min: 4, max: 6 } as const;
export const serviceCodeLength = 20;

/** What may be done in service mode; who may do it stands in core/service/acts.ts. */
export const serviceActs = [
  'openDoor',
  'acceptStock',
  'testDevice',
  'setLight',
  'sendCharges',
  'changePin',
  'readLog',
] as const;
export type ServiceAct = (typeof serviceActs)[number];
