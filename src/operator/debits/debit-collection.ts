import type { Result } from '../../shared/result.ts';
import { remindersBy } from './collection-schedule.ts';
import type { DebitLife, DebitLifeError, DebitStep } from './debit-life.ts';
import { dueMinorOf } from './debit-life.ts';
import { notInCollection, step } from './debit-step.ts';

/** With since when it is in collection, and how often the member was to be reminded of it by now. */
export function remembered(
  life: DebitLife,
  atMs: number,
): DebitLife & { readonly collectingSinceMs: number } {
  // Not known, or from a moment when the clock was ahead: it counts from now.
  const collectingSinceMs = Math.min(life.collectingSinceMs ?? atMs, atMs);
  const remindedCount = Math.max(life.remindedCount, remindersBy(collectingSinceMs, atMs));
  return { ...life, collectingSinceMs, remindedCount };
}

/** The member has another account: it is asked, and again by itself. Was its collection over, a new one begins. */
export function begunAnew(life: DebitLife): DebitLife {
  const collecting = { ...life, state: 'collecting' as const, waitsForShopper: false };
  return life.collectionEnded ? { ...collecting, ...notInCollection, declineCount: 0 } : collecting;
}

/** People decide; the member is told once more. What the provider does by itself goes on, and is queried. */
export function collectionEnds(
  life: DebitLife,
  history: DebitStep['history'] = [],
): Result<DebitStep, DebitLifeError> {
  const ended: DebitLife = {
    ...life,
    ...{ state: 'needs_attention', collectionEnded: true },
    remindedCount: life.remindedCount + 1,
  };
  const goesOn = life.collectedByProvider ? ', the provider goes on' : '';
  const detail = `collection has ended: ${life.reason ?? ''}, due ${dueMinorOf(life)}${goesOn}`;
  return step(
    ended,
    life.collectedByProvider ? 'after_decline' : 'never',
    [...history, { kind: 'needs_attention', detail }],
    [{ kind: 'collection_ended', detail }],
  );
}
