import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';
import type { VisitPurpose } from '../../../shared/model/visit.ts';

/** What somebody shows to get into the account. */
export type AccountEntryMethod = 'code' | 'face';

/**
 * What gets somebody into the account now, as main decides it: the code while there is a network (only the operator can
 * say whose it is), else the face; null: neither.
 */
export function accountEntryMethod({
  online,
  faceOff,
}: Pick<KioskSnapshot, 'online' | 'faceOff'>): AccountEntryMethod | null {
  if (online) return 'code';
  return faceOff === null ? 'face' : null;
}

/** Whether the door opens for whoever may shop: with a network, or without one by what the operator has said before. */
export function mayOpen({ online, offlineBlock }: Pick<KioskSnapshot, 'online' | 'offlineBlock'>): boolean {
  return online || offlineBlock === null;
}

/** Whether the code may be offered beside the face: for the account only while somebody can say whose it is. */
export function isCodeOffered(purpose: VisitPurpose, online: boolean): boolean {
  return purpose === 'visit' || online;
}
