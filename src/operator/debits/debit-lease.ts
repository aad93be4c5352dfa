import type { Result } from '../../shared/result.ts';
import { unansweredMaxMs } from '../limits.ts';
import { isCollectionOver } from './collection-schedule.ts';
import { begunAnew, collectionEnds, remembered } from './debit-collection.ts';
import type { DebitEvent, DebitLife, DebitLifeError, DebitStep, LeasePurpose } from './debit-life.ts';
import { dueMinorOf, isDebt, isOpen, isOwed } from './debit-life.ts';
import { cabinetSilent } from './debit-put-back.ts';
import { illegal, needsAttention, newsOf, step } from './debit-step.ts';
import { watchedSince } from './settling.ts';

export function lease(
  life: DebitLife,
  { purpose, atMs, lateMs, plannedAtMs = null }: DebitEvent & { type: 'lease' },
): Result<DebitStep, DebitLifeError> {
  // What people have in hand is only queried.
  if (life.awaitsCabinet && purpose === 'due' && isOwed(life)) return cabinetSilent(life, atMs);
  // Beside an attempt that is out or in doubt a payment could be the second one.
  const mayPay = isDebt(life) && !life.inDoubt && !life.awaitsCabinet;
  const may = purpose === 'due' ? isOpen(life) || life.inDoubt : mayPay;
  if (!may) return illegal(life, { type: `lease for ${purpose}` });
  if (purpose === 'due' && life.state === 'collecting' && !life.inDoubt) {
    const told = remembered(life, atMs);
    // Only an account that changes after this has it asked for once more (`isAccountNew`).
    if (isCollectionOver(told.collectingSinceMs, atMs)) return collectionEnds({ ...told, askedAtMs: atMs });
    if (told.waitsForShopper) return step(told, 'after_decline');
  }
  const inHand = purpose === 'account' ? begunAnew(life) : life;
  const leased = { ...inHand, inDoubt: true, leaseCount: life.leaseCount + 1 };
  // What is in doubt keeps its own amount until it is settled.
  if (life.inDoubt) {
    const watchedAtMs = watchedSince(life.askedAtMs, lateMs);
    // Unknown, or from a moment when the clock was ahead: it counts from now.
    const askedAtMs = watchedAtMs === null || watchedAtMs > atMs ? atMs : watchedAtMs;
    const asked = { ...leased, askedAtMs };
    const history = newsOf(life, [{ kind: 'debit_leased', detail: 'query first' }]);
    if (!isOpen(life) || atMs - askedAtMs < unansweredMaxMs) return step(asked, 'after_lease', history);
    // People look it up at the provider and say what is so. It is queried on: what the provider says then counts, too.
    const detail = 'the provider does not say whether it has debited';
    return step(
      needsAttention(asked, 'system.provider_error'),
      'after_lease',
      [...history, { kind: 'needs_attention', detail }],
      [{ kind: 'debit_unanswered', detail: `${detail}: asked for ${asked.askedMinor ?? 0}` }],
    );
  }
  const askedMinor = dueMinorOf(life);
  const detail = leaseDetails[purpose];
  const history: DebitStep['history'] = [{ kind: 'debit_leased', detail }];
  // `askedMinor` null: the request before never left. Another sum than the time before (a line was reported meanwhile) is
  // written down even while the provider stays away, when the same again is not (`newsOf`).
  const isAnother = life.askedMinor !== null && askedMinor !== life.askedMinor;
  const paying =
    purpose === 'payment'
      ? { plannedAtMs: plannedAtMs ?? atMs, askedBeforeMs: life.askedAtMs }
      : { plannedAtMs: null, askedBeforeMs: null };
  return step(
    { ...leased, ...paying, askedMinor, askedAtMs: atMs },
    'after_lease',
    isAnother ? history : newsOf(life, history),
  );
}

const leaseDetails: Readonly<Record<LeasePurpose, string>> = {
  due: 'debit',
  payment: 'payment by the member',
  account: 'debit: another account',
};
