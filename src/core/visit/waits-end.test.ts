import { describe, expect, it } from 'vitest';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { baselineOfTags, linesOfTags } from '../../testkit/core/lines-of-tags.ts';
import { twoGoods as catalog } from '../../testkit/core/two-goods.ts';
import type { VisitEvent, VisitStateName } from './visit-model.ts';
import { toStoredVisit } from './stored-visit.ts';
import { type Visit, VisitChart } from './visit.ts';

const random = new Uint8Array(10).fill(7);
const ids = { visitId: makeVisitId(1, random), chargeId: makeChargeId(1, random) };
const inventory = baselineOfTags(['A001', 'B001'], catalog);
const chart = new VisitChart();

/** The longest that anything may go on for without an end or a word to staff, ms. */
const boundMs = 31 * 60_000;
const door = (state: 'open' | 'closed' | 'unknown'): VisitEvent => ({ type: 'door', door: state, atMs: 1 });
const taken = (epcs: string[]): VisitEvent => ({
  ...{ type: 'evidence', taken: linesOfTags(epcs, catalog), added: [], unwatched: [] },
});
type Next = VisitEvent | ((visit: Visit) => VisitEvent);
const confirm = ({ context }: Visit): VisitEvent => ({ type: 'confirm', revision: context.basket.revision });
const nothingGone = { absent: [], unsure: [], unseen: [] };
const finalReading: VisitEvent = { type: 'finalReading', reading: nothingGone };

/** A visit as the loop runs it: its waits end by a clock. */
class Run {
  visit = chart.start();
  nowMs = 0;
  /** When staff was told something. */
  readonly alarmsMs: number[] = [];
  readonly #due = new Map<'timer' | 'overdue', { seq: number; dueMs: number }>();

  step(next: Next): void {
    const event = typeof next === 'function' ? next(this.visit) : next;
    const step = chart.step(this.visit, event);
    this.visit = step.visit;
    for (const { type } of step.effects) if (type === 'raiseAlarm') this.alarmsMs.push(this.nowMs);
    const { timer, total } = this.visit.context;
    this.#note('timer', timer);
    this.#note('overdue', total);
  }

  #note(type: 'timer' | 'overdue', wait: { seq: number; durationMs: number } | null): void {
    if (wait === null) this.#due.delete(type);
    else if (this.#due.get(type)?.seq !== wait.seq) {
      this.#due.set(type, { seq: wait.seq, dueMs: this.nowMs + wait.durationMs });
    }
  }

  /** Lets this much time pass. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [first] = [...this.#due].sort(([, a], [, b]) => a.dueMs - b.dueMs);
      if (first === undefined || first[1].dueMs > endMs) break;
      const [type, { seq, dueMs }] = first;
      this.#due.delete(type);
      this.nowMs = dueMs;
      this.step({ type, seq });
    }
    this.nowMs = endMs;
  }
}

const available: VisitEvent = { type: 'availabilityChanged', available: true, isDoorForced: false };
const allowed: VisitEvent[] = [
  available,
  { type: 'codeScanned', code: 'KM1.x', ...ids },
  { type: 'authorised', member: { memberId: 'M-1', display: '王*' } },
];
const unlocked: VisitEvent[] = [...allowed, { type: 'baseline', inventory, atMs: 1 }];
const shopping = [...unlocked, door('open'), taken(['A001'])];
const reached: Partial<Record<VisitStateName, readonly Next[]>> = {
  recovering: [...shopping, { type: 'resumed' }, door('unknown')],
  identifyingByCode: [available, { type: 'chooseCode' }],
  identifyingByFace: [available, { type: 'chooseFace' }],
  authorising: allowed.slice(0, 2),
  account: [
    ...[available, { type: 'chooseAccount', by: 'code' } as const],
    { type: 'codeScanned', code: 'KM1.x', ...ids },
    allowed[2]!,
  ],
  refused: [available, { type: 'codeRefused', reason: 'account.code_unknown' }],
  preparing: allowed,
  unlocking: unlocked,
  shopping,
  confirmed: [...shopping, confirm],
  checking: [...shopping, door('closed')],
  receipt: [
    ...[...shopping, confirm, door('closed')],
    { type: 'finalReading', reading: { ...nothingGone, absent: linesOfTags(['A001'], catalog) } },
  ],
  nothingCharged: [...unlocked, door('open'), door('closed'), finalReading],
};

const inputs: Readonly<Record<string, readonly Next[]>> = {
  nothing: [],
  'the program starts again': [{ type: 'resumed' }],
  'a face is chosen': [{ type: 'chooseFace' }],
  'a code is chosen': [{ type: 'chooseCode' }],
  'code and face in turn': [{ type: 'chooseCode' }, { type: 'chooseFace' }],
  'the account is chosen': [{ type: 'chooseAccount', by: 'face' }],
  'a finger on the glass': [{ type: 'active' }],
  'a code that is none': [{ type: 'codeRefused', reason: 'account.code_unknown' }],
  'the lock board answers': [{ type: 'unlocked' }],
  'the lock board fails': [{ type: 'unlockFailed' }],
  'unlock again': [{ type: 'unlockAgain' }],
  'unlock again, and the board answers': [{ type: 'unlockAgain' }, { type: 'unlocked' }],
  'unlock again, and the board fails': [{ type: 'unlockAgain' }, { type: 'unlockFailed' }],
  'a door that says shut': [door('closed')],
  'a lock that says nothing': [door('unknown')],
  'a door contact that flaps': [door('closed'), door('open')],
  'a lock that comes and goes, shut': [door('unknown'), door('closed')],
  'a lock that comes and goes, open': [door('unknown'), door('open')],
  'a lock that comes and goes behind a moving door': [door('closed'), door('unknown'), door('open')],
  'a tag that flaps': [taken(['A001']), taken([])],
  'a tag that flaps, confirmed each time': [taken([]), confirm, taken(['A001']), confirm],
  confirm: [confirm],
  'a line that is reported and not': [
    { type: 'report', sku: 'COLA', wrong: true },
    confirm,
    { type: 'report', sku: 'COLA', wrong: false },
  ],
  'a reading that goes on': [{ type: 'readingContinues' }],
  'the receipt is held': [{ type: 'holdReceipt' }],
  'a finger on the form': [{ type: 'formChanged', chargeId: ids.chargeId, skus: ['COLA'] }],
  'a form that is opened and shut': [
    { type: 'formChanged', chargeId: ids.chargeId, skus: [] },
    { type: 'formClosed' },
  ],
  'a dispute': [{ type: 'disputed' }],
  'a cabinet that sells, again and again': [available],
};
const periodsMs = [300, 1_000, 2_000, 2_900, 7_000, 14_900, 29_000, 59_000, 89_000];

/** Nobody is here: from here on the next one may come. */
const resting: readonly VisitStateName[] = ['attract', 'outOfService'];

describe.each(Object.entries(reached))(
  '%s ends, or staff is told, whatever is repeated for ever',
  (name, to) => {
    it.each(Object.keys(inputs))('%s', (input) => {
      for (const periodMs of periodsMs) {
        const run = new Run();
        for (const next of to) run.step(next);
        expect(run.visit.state).toBe(name);
        run.alarmsMs.length = 0;
        run.nowMs = 0;
        const hasEnded = () => resting.includes(run.visit.state) || run.alarmsMs.length > 0;
        const events = inputs[input]!;
        for (let turn = 0; run.nowMs <= boundMs && !hasEnded(); turn++) {
          run.pass(periodMs / Math.max(events.length, 1));
          const next = events[turn % events.length];
          if (next !== undefined && !hasEnded()) run.step(next);
        }
        const { state } = run.visit;
        expect({ periodMs, state, hasEnded: hasEnded() }).toEqual({ periodMs, state, hasEnded: true });
      }
    });
  },
);

describe('a door contact that flaps', () => {
  it('is told to staff however quick it is, also before any wait is over', () => {
    const run = new Run();
    for (const next of shopping) run.step(next);
    for (let turn = 0; turn < 30; turn++) for (const next of [door('closed'), door('open')]) run.step(next);
    expect(run.alarmsMs.length).toBe(1);
  });
  it('what leaves from then on is held, and a human looks at the charge', () => {
    const run = new Run();
    for (const next of shopping) run.step(next);
    for (let s = 0; s < 3_600; s += 4) {
      run.pass(2_000);
      run.step(door('closed'));
      run.pass(2_000);
      run.step(door('open'));
    }
    expect(run.alarmsMs.length).toBeGreaterThan(0);
    expect(run.alarmsMs.length).toBeLessThan(5);
    run.step(taken(['A001', 'B001']));
    run.step(door('closed'));
    const absent = linesOfTags(['A001', 'B001'], catalog);
    run.step({ type: 'finalReading', reading: { ...nothingGone, absent } });
    expect(run.visit.context.bill).toMatchObject({
      lines: [{ sku: 'COLA', count: 1 }],
      heldLines: [{ sku: 'CHIP', count: 1 }],
      review: ['recognition.door_left_open'],
    });
  });
  it('with nothing taken, a human looks at it all the same', () => {
    const run = new Run();
    for (const next of [...unlocked, door('open')]) run.step(next);
    for (let turn = 0; turn < 30; turn++) for (const next of [door('closed'), door('open')]) run.step(next);
    run.step(door('closed'));
    run.step(finalReading);
    expect(run.visit.state).toBe('receipt');
    expect(run.visit.context.bill?.review).toEqual(['recognition.door_left_open']);
  });
  it('a shopper who opens the door a few times more is no fault', () => {
    const run = new Run();
    for (const next of shopping) run.step(next);
    for (let turn = 0; turn < 5; turn++) {
      run.step(door('closed'));
      run.step(door('open'));
    }
    expect(run.alarmsMs).toEqual([]);
  });
});

it('a program that starts again and again with a visit in hand is told to staff', () => {
  const run = new Run();
  for (const next of shopping) run.step(next);
  for (let turn = 0; turn < 20; turn++) {
    const back = chart.restore(JSON.parse(JSON.stringify(toStoredVisit(run.visit, null))));
    if (!back.ok) throw new Error(back.error.message);
    run.visit = back.value.visit;
    run.step({ type: 'resumed' });
    run.pass(2_000);
  }
  expect(run.alarmsMs.length).toBe(1);
  run.step(door('closed'));
  run.step(finalReading);
  expect(run.visit.context.bill?.review).toContain('recognition.door_left_open');
});
