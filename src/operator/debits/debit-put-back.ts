import type { Result } from '../../shared/result.ts';
import type { DebitEvent, DebitLife, DebitLifeError, DebitStep } from './debit-life.ts';
import { dueMinorOf, isOwed } from './debit-life.ts';
import { illegal, needsAttention, step } from './debit-step.ts';
import { lostWords } from './lost-words.ts';

/** What becomes of charges in a database that was put back (storage/put-back.ts), and knows less than it did. */

/**
 * It is waited for no more. What its cabinet knows may be that it was settled in another way since, or that less was
 * decided, and what was decided may have been debited: then it is held for people. In any case the provider is asked first.
 */
export function cabinetSpoke(
  life: DebitLife,
  { atMs, known }: DebitEvent & { type: 'cabinet_spoke' },
): Result<DebitStep, DebitLifeError> {
  const { awaitsCabinet } = life;
  const mayBe = awaitsCabinet ? life.state !== 'paid' : isOwed(life) && known !== null;
  if (!mayBe) return illegal(life, { type: 'cabinet_spoke' });
  const asked = { ...perhapsAsked(life), awaitsCabinet: false };
  // What nobody waited for and is in doubt is queried as planned.
  const next = life.inDoubt && !awaitsCabinet ? 'keep' : atMs;
  if (known === null) return step(asked, next);
  return step(
    // What people have in hand for another reason stays so.
    isOwed(life) ? needsAttention(asked, 'system.conflict') : asked,
    next,
    [{ kind: 'needs_attention', detail: `system.conflict: ${known}` }],
    [{ kind: 'decision_lost', detail: known }],
  );
}

/** Nobody has asked about it for as long as it was waited for: its cabinet may have heard the end of it. */
export function cabinetSilent(life: DebitLife, atMs: number): Result<DebitStep, DebitLifeError> {
  const known = lostWords.silent;
  return cabinetSpoke(life, { type: 'cabinet_spoke', atMs, known });
}

/** When it was asked to debit that nobody knows: it counts from the first query. */
export function perhapsAsked(life: DebitLife): DebitLife {
  return life.inDoubt ? life : { ...life, inDoubt: true, askedMinor: dueMinorOf(life), askedAtMs: null };
}
