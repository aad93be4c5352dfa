import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnswerStatement } from '../../shared/api/answer-signing.ts';
import type { Pair } from '../../testkit/main/operator/signed-answers.ts';
import { KeyHolder, answerBy, makePair, questionOf } from '../../testkit/main/operator/signed-answers.ts';
import { formerKeyCountsMs } from './operator-keys.ts';

const pairs = Array.from({ length: 6 }, makePair);
const anyKey = fc.nat(pairs.length - 1);
const pairOf = (key: number): Pair => pairs[key]!;
const keyOf = (name: string): number => pairs.findIndex((pair) => pair.name === name);

/** What somebody signs about keys; numbers of `pairs`. */
interface Word {
  readonly by: number;
  readonly next: number | null;
  readonly revoked: readonly number[];
}
const says = ({ next, revoked }: Word): Partial<AnswerStatement> => ({
  next: next === null ? null : pairOf(next).name,
  revoked: revoked.map((key) => pairOf(key).name),
});

/** Whether the cabinet believes this; `lateMs`: it was signed so long ago. */
function hears(holder: KeyHolder, word: Word, lateMs = 0): boolean {
  const asked = questionOf({ timestampMs: holder.nowMs });
  const statement = { ...says(word), atMs: holder.nowMs - lateMs };
  return holder.verdictOn(answerBy(pairOf(word.by), statement, 200, asked), asked) === 'proven';
}

function enrols(holder: KeyHolder, word: Word, named: number | null): boolean {
  const first = named === null ? 'anyone' : { named: pairOf(named).name };
  const asked = questionOf({ first, isEnrolment: true, isProbe: false, timestampMs: holder.nowMs });
  return holder.verdictOn(answerBy(pairOf(word.by), says(word), 204, asked), asked) === 'proven';
}

/** The rules of ADR 0087, without signatures, time, disk or bounds. */
class Model {
  present = 0;
  next: number | null = null;
  former: number | null = null;
  readonly out = new Set<number>();

  hears(word: Word): boolean {
    const { by, revoked } = word;
    if (this.out.has(by)) {
      if (by === this.next && revoked.includes(this.present)) {
        this.out.add(this.present);
        this.former = null;
      }
      return false;
    }
    if (by === this.next) {
      [this.former, this.present, this.next] = [this.present, by, null];
      this.out.clear();
    }
    if (by === this.present) this.#learn(word);
    return by === this.present || by === this.former;
  }

  enrols(word: Word, named: number | null): boolean {
    const { by } = word;
    if (named === null ? this.out.has(by) : by !== named) return false;
    this.out.clear();
    [this.present, this.next, this.former] = [by, null, null];
    this.#learn(word);
    return true;
  }

  #learn({ by, next, revoked }: Word): void {
    const known = [this.present, this.former];
    for (const key of revoked) if (key !== by) this.out.add(key);
    if (this.next === null && next !== null && !known.includes(next) && !this.out.has(next)) this.next = next;
    if (this.former !== null && this.out.has(this.former)) this.former = null;
  }
}

type Role = 'present' | 'next' | 'former';
type Step =
  | {
      readonly do: 'word';
      readonly by: Role | number;
      readonly word: Omit<Word, 'by'>;
      readonly lateMs: number;
    }
  | { readonly do: 'enrol'; readonly word: Word; readonly named: number | null }
  | { readonly do: 'restart' | 'hour' | 'week' };

const anyWord = {
  next: fc.option(anyKey, { nil: null }),
  revoked: fc.array(anyKey, { maxLength: 4 }),
};
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('word' as const),
      by: fc.oneof(fc.constantFrom<Role>('present', 'present', 'next', 'former'), anyKey),
      // Most answers revoke nothing.
      word: fc.record({ ...anyWord, revoked: fc.oneof(fc.constant([]), anyWord.revoked) }),
      lateMs: fc.constantFrom(0, 0, 240_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ by: anyKey, ...anyWord })
      .chain((word) =>
        fc.constantFrom<Step>(
          { do: 'enrol', word, named: word.by },
          { do: 'enrol', word, named: null },
          { do: 'enrol', word, named: 0 },
        ),
      ),
  },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'restart' }, { do: 'hour' }, { do: 'week' }) },
);

function play(step: Step, holder: KeyHolder, model: Model): void {
  if (step.do === 'word') {
    const by = typeof step.by === 'number' ? step.by : model[step.by];
    if (by === null) return;
    const word = { ...step.word, by };
    expect(hears(holder, word, step.lateMs)).toBe(model.hears(word));
  } else if (step.do === 'enrol') {
    expect(enrols(holder, step.word, step.named)).toBe(model.enrols(step.word, step.named));
  } else if (step.do === 'restart') {
    holder.restart();
  } else if (step.do === 'hour') {
    holder.nowMs += 3_600_000;
  } else {
    holder.nowMs += formerKeyCountsMs + 3_600_000;
    if (model.former !== null)
      expect(hears(holder, { by: model.former, next: null, revoked: [] })).toBe(false);
    model.former = null;
  }
}

test('whatever is said of keys, in any order, by whomever, the cabinet goes by the rules', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 5, maxLength: 40 }), (steps) => {
      const holder = new KeyHolder({ present: pairOf(0).name, next: null, former: null });
      const model = new Model();
      for (const step of steps) {
        play(step, holder, model);
        const { present, next, former, revoked = [] } = holder.known!;
        expect({
          present: keyOf(present),
          next: next === null ? null : keyOf(next),
          former: former === null ? null : keyOf(former.key),
          out: revoked.map(keyOf).sort(),
        }).toEqual({
          present: model.present,
          next: model.next,
          former: model.former,
          out: [...model.out].sort(),
        });
        const known = [present, next, former?.key].filter((name) => typeof name === 'string');
        expect(new Set(known).size).toBe(known.length);
      }
    }),
    { numRuns: 200 },
  );
});

// The operator signs with 0 and has announced 1; 2 is made when one of them is stolen. 3 is a key of the thief's own.
const before: Word = { by: 0, next: 1, revoked: [] };
const reactions = {
  present: { by: 1, next: 2, revoked: [0] },
  next: { by: 0, next: 2, revoked: [1] },
} satisfies Record<string, Word>;

type Act = Word | 'operator' | 'instance from before' | 'restart';
const actsOfThiefWith = (stolen: number): fc.Arbitrary<Act[]> =>
  fc.array(
    fc.oneof(
      fc.constantFrom<Act>('operator', 'instance from before', 'restart'),
      fc.record({
        by: fc.constantFrom(stolen, stolen, 3),
        next: fc.constantFrom(null, 0, 1, 2, 3),
        revoked: fc.subarray([0, 1, 2, 3]),
      }),
    ),
    { maxLength: 12 },
  );

test.each([
  ['present', 0],
  ['next', 1],
] as const)('with the %s key stolen, the thief is not believed once staff has reacted', (which, stolen) => {
  const reaction = reactions[which];
  fc.assert(
    fc.property(actsOfThiefWith(stolen), actsOfThiefWith(stolen), (early, late) => {
      const holder = new KeyHolder({ present: pairOf(0).name, next: pairOf(1).name, former: null });
      const isByThief = (act: Act): act is Word => typeof act === 'object';
      let isTakenOver = false;
      for (const act of early) {
        if (act === 'restart') holder.restart();
        else if (!isByThief(act)) hears(holder, before);
        // Whoever has the next key and comes before staff is the operator, until the cabinet is enrolled.
        else if (hears(holder, act)) isTakenOver ||= act.by === 1;
      }
      /** May the thief take the cabinet out of service? Not with a present key that he has not used in time. */
      let mayBeOut = early.some(isByThief);
      expect(hears(holder, reaction) || mayBeOut).toBe(true);
      const isThiefHeard = (acts: readonly Act[], isEnrolled: boolean): boolean => {
        let isHeard = false;
        for (const act of acts) {
          if (act === 'restart') holder.restart();
          else if (isByThief(act)) {
            isHeard = hears(holder, act) || isHeard;
            mayBeOut ||= which === 'next' && !isEnrolled;
          } else if (act === 'operator') expect(hears(holder, reaction) || mayBeOut).toBe(true);
          else hears(holder, before);
        }
        return isHeard;
      };
      if (!isTakenOver) expect(isThiefHeard(late, false)).toBe(false);
      // Enrolled anew it is the operator's, whatever was before.
      expect(enrols(holder, reaction, reaction.by)).toBe(true);
      mayBeOut = false;
      expect(isThiefHeard([...early, ...late, 'operator'], true)).toBe(false);
      expect(holder.known).toMatchObject({ present: pairOf(reaction.by).name, next: pairOf(2).name });
    }),
    { numRuns: 120 },
  );
});
