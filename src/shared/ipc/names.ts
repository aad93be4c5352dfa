/**
 * The names alone of what schema.ts describes, without zod: preload runs before every page, and must be small. schema.ts does
 * not compile when the two differ.
 */
export const ipcCallNames = [
  'getSnapshot',
  'chooseCode',
  'chooseFace',
  'chooseAccount',
  'faceAction',
  'accountAction',
  'faceFrame',
  'cameraState',
  'cancelVisit',
  'confirmBasket',
  'reportLine',
  'holdReceipt',
  'disputeCharge',
  'finish',
] as const;
export type IpcCallName = (typeof ipcCallNames)[number];

export const ipcEventNames = ['snapshot'] as const;
export type IpcEventName = (typeof ipcEventNames)[number];
