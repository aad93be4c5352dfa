import type { Basket } from '../../../shared/model/basket.schema.ts';
import type { LocalText } from '../../../shared/model/catalog.schema.ts';
import type { Display } from '../../../shared/model/display.schema.ts';
import type {
  AnsweredScan,
  KioskSnapshot,
  ScreenName,
  VisitView,
} from '../../../shared/model/visit.schema.ts';
import { unreachable } from '../../../shared/assert.ts';
import { type Language, firstLanguage, otherLanguage } from '../../../shared/i18n/language.ts';

/** A sentence that answers to something that has just happened; gone after `noticeMs`. */
export type Notice =
  | { readonly kind: 'taken_back' }
  | { readonly kind: 'put_back'; readonly names: readonly LocalText[] }
  | { readonly kind: 'stale' }
  /** The door was shut, and is open again: it did not catch, or was opened anew. */
  | { readonly kind: 'not_shut' }
  /** A code was held before the scanner, and led nowhere. */
  | { readonly kind: 'scan'; readonly answer: AnsweredScan }
  | { readonly kind: 'failed' };

export const noticeMs = 6_000;
/** A screen that is for anybody was not touched for so long: the next person finds it in the first language again. */
export const idleResetMs = 60_000;

/** What the renderer holds: the last snapshot as it came, when it came, and what is the screen's own. */
export interface KioskState {
  readonly snapshot: KioskSnapshot | null;
  readonly receivedAtMs: number;
  readonly language: Language;
  readonly largeText: boolean;
  /** Somebody has chosen the language, here or on the other page: the first snapshot leaves it. */
  readonly isLanguageChosen: boolean;
  readonly notice: Notice | null;
  /** Counts notices, so that a timer ends only its own. */
  readonly noticeSeq: number;
}

export type KioskAction =
  | { readonly type: 'snapshot'; readonly snapshot: KioskSnapshot; readonly atMs: number }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'noticeOver'; readonly seq: number }
  | { readonly type: 'language' }
  | { readonly type: 'textSize' }
  /** As the shopper has chosen it on the other page. */
  | { readonly type: 'display'; readonly display: Display }
  | { readonly type: 'idle' };

export const initialKioskState: KioskState = {
  snapshot: null,
  receivedAtMs: 0,
  language: firstLanguage,
  largeText: false,
  isLanguageChosen: false,
  notice: null,
  noticeSeq: 0,
};

export function reduceKiosk(state: KioskState, action: KioskAction): KioskState {
  switch (action.type) {
    case 'snapshot':
      return applySnapshot(state, action.snapshot, action.atMs);
    case 'notice':
      return withNotice(state, action.notice);
    case 'noticeOver':
      return action.seq === state.noticeSeq ? { ...state, notice: null } : state;
    case 'language':
      return { ...state, language: otherLanguage(state.language), isLanguageChosen: true };
    case 'textSize':
      return { ...state, largeText: !state.largeText };
    case 'display':
      return { ...state, ...action.display, isLanguageChosen: true };
    case 'idle':
      return { ...state, language: firstOf(state.snapshot), largeText: false };
  }
}

function applySnapshot(state: KioskState, snapshot: KioskSnapshot, atMs: number): KioskState {
  const before = state.snapshot;
  const next: KioskState = { ...state, snapshot, receivedAtMs: atMs };
  if (before === null) return state.isLanguageChosen ? next : { ...next, language: firstOf(snapshot) };
  const { scanAnswer } = snapshot;
  if (isNextShopper(before.visit.screen, snapshot.visit.screen)) {
    return { ...next, language: firstOf(snapshot), largeText: false, notice: null };
  }
  if (scanAnswer !== null && scanAnswer.seq !== before.scanAnswer?.seq) {
    return withNotice(next, { kind: 'scan', answer: scanAnswer });
  }
  if (snapshot.visit.screen !== before.visit.screen) {
    const isOpenAgain = before.visit.screen === 'checking' && snapshot.visit.screen === 'shopping';
    if (isOpenAgain) return withNotice(next, { kind: 'not_shut' });
    // That a touch came too late for this very change is still to be said.
    return state.notice?.kind === 'stale' ? next : { ...next, notice: null };
  }
  const notice = noticeOfChange(before, snapshot);
  return notice === null ? next : withNotice(next, notice);
}

/** In which each next person finds this cabinet. */
function firstOf(snapshot: KioskSnapshot | null): Language {
  return snapshot?.cabinet.screen?.language ?? firstLanguage;
}

function withNotice(state: KioskState, notice: Notice): KioskState {
  return { ...state, notice, noticeSeq: state.noticeSeq + 1 };
}

/** The start screen, and also a code that is shown while the last visit's receipt still stands: somebody else is there. */
function isNextShopper(before: ScreenName, after: ScreenName): boolean {
  if (before === after) return false;
  return after === 'attract' || before === 'receipt' || before === 'nothing_charged';
}

/**
 * Nobody's visit is in hand, and the screen may stand for long. Each other screen ends by itself, or with the visit, and
 * then one of these follows.
 */
export function isForAnybody(view: VisitView): boolean {
  switch (view.screen) {
    case 'attract':
    case 'out_of_service':
      return true;
    case 'recovering':
      return !view.hasVisit;
    case 'identifying':
    case 'face':
    case 'account':
    case 'authorising':
    case 'refused':
    case 'choosing_door':
    case 'unlocking':
    case 'shopping':
    case 'checking':
    case 'receipt':
    case 'nothing_charged':
      return false;
    default:
      return unreachable(view);
  }
}

/** What a change of the basket says in words: thanks for what was put back; a confirmation that no longer holds. */
function noticeOfChange(before: KioskSnapshot, after: KioskSnapshot): Notice | null {
  if (before.visit.screen !== 'shopping' || after.visit.screen !== 'shopping') return null;
  if (before.visit.confirmed && !after.visit.confirmed) return { kind: 'taken_back' };
  const names = namesPutBack(before.visit.basket, after.visit.basket);
  return names.length === 0 ? null : { kind: 'put_back', names };
}

/** Names of the products of which there are fewer than before. */
export function namesPutBack(before: Basket, after: Basket): LocalText[] {
  const countNow = new Map(after.lines.map((l) => [l.sku, l.count]));
  return before.lines.filter((l) => (countNow.get(l.sku) ?? 0) < l.count).map((l) => l.name);
}

/** The lines of a basket by SKU: what was taken last on top. `before`: their order until now; `from`, `to`: counts by SKU. */
export function newestFirst(
  before: readonly string[],
  from: ReadonlyMap<string, number>,
  to: ReadonlyMap<string, number>,
): string[] {
  const more =
    before.length === 0 ? [] : [...to.keys()].filter((sku) => (from.get(sku) ?? 0) < (to.get(sku) ?? 0));
  const order = before.length === 0 ? [...to.keys()] : before.filter((sku) => to.has(sku));
  return [...more, ...order.filter((sku) => !more.includes(sku))];
}
