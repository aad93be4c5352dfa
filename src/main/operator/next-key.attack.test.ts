import { beforeEach, describe, expect, test } from 'vitest';
import type { AnswerStatement } from '../../shared/api/answer-signing.ts';
import type { Pair } from '../../testkit/main/operator/signed-answers.ts';
import {
  KeyHolder,
  answerBy,
  makePair,
  questionOf,
  startMs,
} from '../../testkit/main/operator/signed-answers.ts';
import { answerTimeOffMaxMs, formerKeyCountsMs, revokedKeysKeptMax } from './operator-keys.ts';

const [one, two, three, four, thief] = [makePair(), makePair(), makePair(), makePair(), makePair()];

let holder: KeyHolder;
beforeEach(() => {
  holder = new KeyHolder({ present: one.name, next: two.name, former: null });
});

const isProven = (pair: Pair, says: Partial<AnswerStatement> = {}): boolean =>
  holder.verdictOn(answerBy(pair, says)) === 'proven';
const enrols = (pair: Pair, says: Partial<AnswerStatement> = {}, named?: Pair): boolean => {
  const first = named === undefined ? 'anyone' : { named: named.name };
  const asked = questionOf({ first, isEnrolment: true, isProbe: false });
  return holder.verdictOn(answerBy(pair, says, 204, asked), asked) === 'proven';
};
/** What the operator says once staff knows that the next key, two, is stolen. */
const nextRevoked = { next: three.name, revoked: [two.name] };
/** What the operator says, with two, once staff knows that the present key, one, is stolen. */
const presentRevoked = { next: three.name, revoked: [one.name] };

describe('whoever has stolen the next key', () => {
  test('is not taken for the operator once the present one has revoked it', () => {
    expect(isProven(one, nextRevoked)).toBe(true);
    expect(isProven(two)).toBe(false);
    expect(isProven(two, { next: thief.name })).toBe(false);
    expect(isProven(thief)).toBe(false);
    expect(holder.known).toMatchObject({ present: one.name, former: null, revoked: [two.name] });
    // The operator's key goes on.
    expect(isProven(one, nextRevoked)).toBe(true);
    expect(isProven(one)).toBe(true);
  });

  test('nor after a restart, nor by an answer that was signed before, or by an instance that does not know yet', () => {
    isProven(one, nextRevoked);
    holder.restart();
    expect(isProven(one, { next: two.name, atMs: startMs - 1_000 })).toBe(true);
    expect(isProven(two)).toBe(false);
    expect(holder.known?.present).toBe(one.name);
  });

  test('nor where the cabinet hears of the revocation before it hears of the key', () => {
    holder.known = { present: one.name, next: null, former: null };
    expect(isProven(one, { revoked: [two.name] })).toBe(true);
    holder.restart();
    expect(isProven(one, { next: two.name })).toBe(true);
    expect(holder.known.next).toBeNull();
    // In one and the same answer, too.
    expect(isProven(one, { next: four.name, revoked: [four.name] })).toBe(true);
    expect(holder.known.next).toBeNull();
    expect(isProven(one, { next: three.name })).toBe(true);
    expect(holder.known.next).toBe(three.name);
  });

  test('takes the cabinet out of service at most: who is revoked by the present key and revokes it, ends both', () => {
    isProven(one, nextRevoked);
    expect(isProven(two, { revoked: [one.name], next: thief.name })).toBe(false);
    for (const pair of [one, two, three, thief]) expect(isProven(pair, nextRevoked)).toBe(false);
    holder.restart();
    for (const pair of [one, two, three, thief]) expect(isProven(pair)).toBe(false);
    expect(holder.told.at(-1)).toBe(`operator_keys_in_dispute: ${two.name}`);
    // Staff enrols it anew; the token names the operator's key.
    expect(enrols(one, nextRevoked, one)).toBe(true);
    expect(holder.known).toMatchObject({ present: one.name, next: three.name, revoked: [two.name] });
    expect(isProven(two, { revoked: [one.name] })).toBe(false);
    expect(isProven(one, nextRevoked)).toBe(true);
  });

  test('does not even that with an answer of another time', () => {
    isProven(one, nextRevoked);
    const atMs = startMs - answerTimeOffMaxMs - 1;
    expect(isProven(two, { revoked: [one.name], atMs })).toBe(false);
    expect(isProven(one)).toBe(true);
  });

  test('enrols no cabinet whose token names no key', () => {
    isProven(one, nextRevoked);
    expect(enrols(two)).toBe(false);
    expect(enrols(one, nextRevoked)).toBe(true);
    expect(holder.known).toMatchObject({ present: one.name, next: three.name, revoked: [two.name] });
  });

  test('has the cabinets that he reaches before the revocation does, until they are enrolled anew', () => {
    expect(isProven(two, { revoked: [one.name], next: thief.name })).toBe(true);
    expect(isProven(one, nextRevoked)).toBe(false);
    expect(enrols(one, nextRevoked, one)).toBe(true);
    expect(isProven(two, { revoked: [one.name] })).toBe(false);
    expect(isProven(thief)).toBe(false);
    expect(isProven(one, nextRevoked)).toBe(true);
  });
});

describe('whoever has stolen the present key', () => {
  test('puts no key of his own in place of one that he revokes', () => {
    expect(isProven(one, { revoked: [two.name], next: thief.name })).toBe(true);
    expect(isProven(one, { next: thief.name })).toBe(true);
    holder.restart();
    expect(isProven(one, { next: thief.name })).toBe(true);
    expect(isProven(thief)).toBe(false);
    expect(holder.told).toContain(`operator_key_next_revoked: ${two.name}`);
    expect(holder.told).toContain(`operator_key_other_next: ${thief.name}`);
  });

  test('is believed no more once the operator has changed, also where he had revoked the next one', () => {
    isProven(one, { revoked: [two.name] });
    // The cabinet cannot know which of the two is the stolen one: it believes neither.
    expect(isProven(two, presentRevoked)).toBe(false);
    expect(isProven(one)).toBe(false);
    expect(isProven(one, { next: thief.name })).toBe(false);
    expect(enrols(two, presentRevoked)).toBe(false);
    expect(enrols(two, presentRevoked, two)).toBe(true);
    expect(holder.known).toMatchObject({ present: two.name, next: three.name, revoked: [one.name] });
    expect(isProven(one)).toBe(false);
    expect(isProven(two)).toBe(true);
  });

  test('says nothing about the key that has taken its place, even within the week', () => {
    isProven(two);
    expect(isProven(one, { revoked: [two.name, three.name], next: thief.name })).toBe(true);
    expect(isProven(two, presentRevoked)).toBe(true);
    expect(isProven(one, { revoked: [two.name] })).toBe(false);
    expect(isProven(two)).toBe(true);
  });

  test('does not have a revocation forgotten by naming many', () => {
    isProven(one, { revoked: [two.name] });
    for (let i = 0; i < revokedKeysKeptMax; i++) isProven(one, { revoked: [makePair().name] });
    expect(holder.known?.revoked).toHaveLength(revokedKeysKeptMax);
    holder.restart();
    expect(isProven(two)).toBe(false);
    expect(isProven(two, presentRevoked)).toBe(false);
    expect(isProven(one)).toBe(false);
  });
});

describe('keys that change', () => {
  test('again after a key was revoked: the cabinet is enrolled, and the new next key counts', () => {
    isProven(one, nextRevoked);
    enrols(one, nextRevoked, one);
    expect(isProven(three, { revoked: [one.name, two.name], next: four.name })).toBe(true);
    expect(holder.known).toMatchObject({ present: three.name, next: four.name, former: null });
    for (const pair of [one, two]) expect(isProven(pair, { next: pair.name })).toBe(false);
  });

  test('twice while a cabinet is off: it believes nobody of today, changes nothing, and is enrolled', () => {
    const now = { revoked: [one.name, two.name], next: four.name };
    expect(isProven(three, now)).toBe(false);
    expect(holder.known).toEqual({ present: one.name, next: two.name, former: null });
    expect(enrols(three, now, three)).toBe(true);
    for (const pair of [one, two]) expect(isProven(pair)).toBe(false);
    expect(isProven(three)).toBe(true);
    expect(isProven(four)).toBe(true);
  });

  test('do so once, when one answer names a key twice', () => {
    expect(isProven(one, { next: one.name, revoked: [one.name, two.name, two.name] })).toBe(true);
    expect(holder.known).toMatchObject({ present: one.name, next: two.name, revoked: [two.name] });
    expect(enrols(one, { next: one.name, revoked: [one.name] }, one)).toBe(true);
    expect(holder.known).toMatchObject({ present: one.name, next: null, former: null });
    expect(isProven(one)).toBe(true);
    expect(holder.known).toMatchObject({ present: one.name, next: null, former: null });
  });

  test('stay revoked where that cannot be written down, and it is written down as soon as it can be', () => {
    holder.isDiskFull = true;
    isProven(one, nextRevoked);
    expect(isProven(two)).toBe(false);
    isProven(one);
    holder.isDiskFull = false;
    isProven(one);
    holder.restart();
    expect(isProven(two)).toBe(false);
    expect(holder.known?.revoked).toEqual([two.name]);
  });

  test('and a former one that is revoked does not come back as the next', () => {
    isProven(two);
    isProven(two, { revoked: [one.name] });
    holder.restart();
    isProven(two, { next: one.name });
    expect(holder.known?.next).toBeNull();
    holder.nowMs += formerKeyCountsMs;
    expect(isProven(one)).toBe(false);
  });
});
