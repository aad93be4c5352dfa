import type { Store } from './store.ts';
import type { ReportKind } from '../i18n/shape.ts';
import { reportKinds } from '../i18n/shape.ts';

/** A report that is being written. It stays on the phone until all of it has been taken. */
export interface ReportDraft {
  /** Of the report, made once: sent again, it is the same one. */
  readonly disputeId: string;
  readonly skus: readonly string[];
  readonly kind: ReportKind | null;
  readonly words: string;
  /** The operator has the report; what is missing are its pictures. */
  readonly isTaken: boolean;
  /** How many pictures the operator took still, when it was last asked; null: before the report. */
  readonly photosLeft: number | null;
  /** Those that it has not got, as data URLs. */
  readonly photos: readonly string[];
}

const prefix = 'kaimen-report:';
const keyOf = (memberId: string, chargeId: string): string => `${prefix}${memberId}:${chargeId}`;

export function readDraft(store: Store, memberId: string, chargeId: string): ReportDraft | null {
  try {
    return draftOf(JSON.parse(store.getItem(keyOf(memberId, chargeId)) ?? 'null'));
  } catch {
    return null;
  }
}

/** False: the phone has no room for it, or lets nothing be kept. */
export function writeDraft(store: Store, memberId: string, chargeId: string, draft: ReportDraft): boolean {
  try {
    store.setItem(keyOf(memberId, chargeId), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function removeDraft(store: Store, memberId: string, chargeId: string): void {
  try {
    store.removeItem(keyOf(memberId, chargeId));
  } catch {
    // Nothing can be kept here, so nothing is.
  }
}

/** Those of everybody but this member: nothing is left for whoever uses the phone next. Null: of everybody. */
export function removeDraftsBut(store: Store, memberId: string | null): void {
  try {
    const names = Array.from({ length: store.length }, (_, i) => store.key(i) ?? '');
    for (const name of names) {
      const isTheirs = memberId !== null && name.startsWith(`${prefix}${memberId}:`);
      if (name.startsWith(prefix) && !isTheirs) store.removeItem(name);
    }
  } catch {
    // As above.
  }
}

/**
 * The pictures that are still to be sent, now that the operator takes `leftNow` more: the answer to the last ones may have been
 * lost on the way, and nobody wants them twice.
 */
export function withoutTaken(draft: ReportDraft, leftNow: number): ReportDraft {
  const taken = draft.photosLeft === null ? 0 : Math.max(0, draft.photosLeft - leftNow);
  return { ...draft, photosLeft: leftNow, photos: draft.photos.slice(taken) };
}

/** What whoever looks at the report reads: what kind of fault, then the shopper's own words. */
export function reportText(kindWord: string | null, words: string, maxLength: number): string {
  return [kindWord, words.trim()]
    .filter((part) => part !== null && part !== '')
    .join(': ')
    .slice(0, maxLength);
}

function draftOf(value: unknown): ReportDraft | null {
  const draft = value as Partial<ReportDraft> | null;
  if (typeof draft?.disputeId !== 'string' || !isTexts(draft.skus) || !isTexts(draft.photos)) return null;
  return {
    disputeId: draft.disputeId,
    skus: draft.skus,
    kind: reportKinds.find((kind) => kind === draft.kind) ?? null,
    words: typeof draft.words === 'string' ? draft.words : '',
    isTaken: draft.isTaken === true,
    photosLeft: typeof draft.photosLeft === 'number' ? draft.photosLeft : null,
    photos: draft.photos,
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
