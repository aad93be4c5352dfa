import { beforeEach, describe, expect, test } from 'vitest';
import { answerHeader, withHeadersSigned } from '../../shared/api/answer-signing.ts';
import {
  KeyHolder,
  answerBy,
  makePair,
  questionOf as question,
  startMs,
} from '../../testkit/main/operator/signed-answers.ts';
import type { HttpResponse } from './http-transport.ts';
import type { Question } from './operator-keys.ts';
import { answerTimeOffMaxMs, formerKeyCountsMs } from './operator-keys.ts';

const [one, two, three, thief] = [makePair(), makePair(), makePair(), makePair()];

let holder: KeyHolder;
beforeEach(() => {
  holder = new KeyHolder({ present: one.name, next: null, former: null });
});
const verdictOn = (answer: HttpResponse, asked = question()): string => holder.verdictOn(answer, asked);

describe('an answer', () => {
  test('is proven by the known key, to this question alone', () => {
    expect(verdictOn(answerBy(one))).toBe('proven');
    const others: Partial<Question>[] = [
      { method: 'PUT' },
      { path: '/v1/catalog' },
      { cabinetId: 'CAB-2' },
      { nonce: 'B'.repeat(22) },
      { bodySha256Hex: 'c'.repeat(64) },
    ];
    for (const other of others) expect(verdictOn(answerBy(one), question(other))).toBe('wrongly_signed');
  });

  test('of another key, also one that announces itself or names a known one, is not', () => {
    expect(verdictOn(answerBy(thief))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(thief, { next: one.name }))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(thief, { key: one.name }))).toBe('wrongly_signed');
    expect(verdictOn(answerBy(thief), question({ first: 'anyone' }))).toBe('of_no_known_key');
    expect(holder.known).toEqual({ present: one.name, next: null, former: null });
  });

  test('is not with another status, header or body, or without a signature', () => {
    const good = answerBy(one);
    expect(verdictOn({ ...good, status: 201 })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, body: Buffer.from('[]') })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, headers: { ...good.headers, etag: '"x"' } })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, headers: { ...good.headers, 'retry-after': '1' } })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, headers: {} })).toBe('unsigned');
    expect(verdictOn({ ...good, headers: { [answerHeader]: 'x' } })).toBe('unsigned');
  });

  test('of another time is not, unless it is the refusal that tells the time', () => {
    for (const offMs of [-answerTimeOffMaxMs, answerTimeOffMaxMs])
      expect(verdictOn(answerBy(one, { atMs: startMs + offMs }))).toBe('proven');
    for (const offMs of [-answerTimeOffMaxMs - 1, answerTimeOffMaxMs + 1]) {
      const atMs = startMs + offMs;
      expect(verdictOn(answerBy(one, { atMs }))).toBe('of_another_time');
      expect(verdictOn(answerBy(one, { atMs }, 401))).toBe('proven');
    }
  });

  test('that is not proven is told to staff once an hour', () => {
    const failure = { code: 'unsigned', message: '' } as const;
    holder.keys.tellUnproven(failure);
    holder.keys.tellUnproven(failure);
    expect(holder.told).toHaveLength(1);
    holder.nowMs += 3_600_000;
    holder.keys.tellUnproven(failure);
    expect(holder.told).toHaveLength(2);
  });
});

describe('the headers of a question and its answer', () => {
  const headers = { 'kaimen-chain': 'the end', 'kaimen-api': '2' };
  const marked = question({ nonce: withHeadersSigned('A'.repeat(22)), headers });
  const answered = { 'kaimen-api': '2' };

  test('are proven with it by an operator that signs them as it has seen them', () => {
    const good = answerBy(one, {}, 200, marked, { asked: headers, answered });
    expect(verdictOn(good, marked)).toBe('wrongly_signed');
    const whole = { ...good, headers: { ...good.headers, ...answered } };
    expect(verdictOn(whole, marked)).toBe('proven');
    for (const changed of [{}, { 'kaimen-api': '2' }, { ...headers, 'kaimen-chain': 'another' }])
      expect(verdictOn(whole, { ...marked, headers: changed })).toBe('wrongly_signed');
  });

  test('are not by an operator from before, which signs without them', () => {
    expect(verdictOn(answerBy(one, {}, 200, marked), marked)).toBe('proven');
  });
});

describe('another key', () => {
  const announce = () => verdictOn(answerBy(one, { next: two.name }));

  test('is announced by the present one; then both count, and after its first answer the former for a week', () => {
    expect(announce()).toBe('proven');
    expect(holder.known).toEqual({ present: one.name, next: two.name, former: null });
    expect(verdictOn(answerBy(one))).toBe('proven');
    expect(verdictOn(answerBy(two))).toBe('proven');
    const former = { key: one.name, untilMs: holder.nowMs + formerKeyCountsMs };
    expect(holder.known).toEqual({ present: two.name, next: null, former });
    holder.nowMs += formerKeyCountsMs;
    // An instance that has not changed yet: its word counts, but not about keys.
    expect(verdictOn(answerBy(one, { next: thief.name, revoked: [two.name] }))).toBe('proven');
    expect(holder.known).toEqual({ present: two.name, next: null, former });
    holder.nowMs += 1;
    expect(verdictOn(answerBy(one))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(two))).toBe('proven');
    expect(holder.known).toEqual({ present: two.name, next: null, former: null });
    expect(holder.told).toEqual([]);
  });

  test('is not taken from whoever has stolen the present one, once a next one is known', () => {
    announce();
    expect(verdictOn(answerBy(one, { next: thief.name }))).toBe('proven');
    expect(verdictOn(answerBy(one, { next: thief.name }))).toBe('proven');
    expect(holder.known?.next).toBe(two.name);
    expect(holder.told).toEqual([`operator_key_other_next: ${thief.name}`]);
    expect(verdictOn(answerBy(thief))).toBe('of_no_known_key');
    // The operator changes to the next one at once, and revokes the one that was stolen.
    expect(verdictOn(answerBy(two, { revoked: [one.name], next: three.name }))).toBe('proven');
    const revoked = [one.name];
    expect(holder.known).toEqual({ present: two.name, next: three.name, former: null, revoked });
    expect(verdictOn(answerBy(one))).toBe('of_no_known_key');
  });

  test('a revoked key does not come back by an announcement of its own', () => {
    announce();
    verdictOn(answerBy(two, { revoked: [one.name] }));
    expect(verdictOn(answerBy(one, { next: one.name }))).toBe('of_no_known_key');
    const revoked = [one.name];
    expect(holder.known).toEqual({ present: two.name, next: null, former: null, revoked });
  });

  test('a former key can be revoked later, too, and there are three keys at most, however many changes come', () => {
    announce();
    verdictOn(answerBy(two, { next: three.name }));
    expect(holder.known).toMatchObject({ present: two.name, next: three.name, former: { key: one.name } });
    verdictOn(answerBy(two, { next: three.name, revoked: [one.name] }));
    expect(holder.known).toMatchObject({ present: two.name, next: three.name, former: null });
    verdictOn(answerBy(three, { next: thief.name }));
    expect(holder.known).toMatchObject({ present: three.name, next: thief.name, former: { key: two.name } });
  });

  test('of a cabinet that was off for two changes needs staff, and says so by refusing', () => {
    announce();
    expect(verdictOn(answerBy(three))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(three), question({ first: 'anyone', isEnrolment: true }))).toBe('proven');
    expect(holder.known).toEqual({ present: three.name, next: null, former: null });
  });

  test('counts for this run when it cannot be written down', () => {
    holder.isDiskFull = true;
    expect(announce()).toBe('proven');
    expect(verdictOn(answerBy(two))).toBe('proven');
  });
});

describe('before any key is known', () => {
  beforeEach(() => {
    holder.known = null;
  });

  test('every answer passes, and the first that may be is believed', () => {
    expect(verdictOn(answerBy(one))).toBe('proven');
    expect(holder.known).toBeNull();
    expect(verdictOn(answerBy(one, {}, 500), question({ first: 'anyone' }))).toBe('proven');
    expect(holder.known).toBeNull();
    expect(verdictOn({ ...answerBy(one), headers: {} }, question({ first: 'anyone' }))).toBe('proven');
    expect(holder.known).toBeNull();
    expect(verdictOn(answerBy(one, { next: two.name }), question({ first: 'anyone' }))).toBe('proven');
    expect(holder.known).toEqual({ present: one.name, next: two.name, former: null });
    expect(holder.told).toEqual([`operator_key_believed: ${one.name}`]);
  });

  test('staff is told before it is kept: no power cut comes between', () => {
    const { told } = holder;
    let toldWhenKept: readonly string[] = [];
    Object.defineProperty(holder, 'known', {
      get: () => null,
      set: () => {
        toldWhenKept = [...told];
      },
    });
    verdictOn(answerBy(one), question({ first: 'anyone' }));
    expect(toldWhenKept).toEqual([`operator_key_believed: ${one.name}`]);
  });

  test('one that is wrongly signed is not believed', () => {
    const forged = { ...answerBy(one), body: Buffer.from('[]') };
    expect(verdictOn(forged, question({ first: 'anyone' }))).toBe('proven');
    expect(holder.known).toBeNull();
    const named = question({ first: { named: one.name }, isEnrolment: true });
    expect(verdictOn(forged, named)).toBe('wrongly_signed');
    expect(verdictOn(answerBy(two), named)).toBe('of_no_known_key');
    expect(verdictOn(answerBy(one), named)).toBe('proven');
  });
});
