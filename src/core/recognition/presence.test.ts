import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PresenceEstimator, startMark } from './presence.ts';

/** A reader that goes round `epcs`, one read each `slotMs`, missing each with chance `miss`; reported every 50 ms. */
class Reader {
  atMs = 1000;
  readonly #random: () => number;
  readonly estimator: PresenceEstimator;
  readonly epcs: Set<string>;
  readonly miss: number;
  readonly readsPerSecond: number;
  constructor(
    estimator: PresenceEstimator,
    epcs: Set<string>,
    miss: number,
    seed: number,
    readsPerSecond = 150,
  ) {
    this.estimator = estimator;
    this.epcs = epcs;
    this.miss = miss;
    this.readsPerSecond = readsPerSecond;
    let state = seed >>> 0;
    this.#random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }
  #order: string[] = [];
  run(ms: number, onBatch: () => void = () => {}): void {
    const slotMs = 1000 / this.readsPerSecond;
    const endMs = this.atMs + ms;
    while (this.atMs < endMs) {
      const reads: { epc: string; atMs: number }[] = [];
      for (const batchEndMs = this.atMs + 50; this.atMs < batchEndMs; this.atMs += slotMs) {
        const epc = this.#order.shift();
        if (epc === undefined) this.#order = [...this.epcs].sort(() => this.#random() - 0.5);
        else if (this.epcs.has(epc) && this.#random() >= this.miss) reads.push({ epc, atMs: this.atMs });
      }
      this.estimator.observe('reader', { reads, atMs: this.atMs });
      onBatch();
    }
  }
}

const tags = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => `E200${String(i).padStart(20, '0')}`);

describe('presence of tags', () => {
  it('notices a tag that left within a second, 19 times of 20, at 4 % misses, 30 tags and 200 reads a second', () => {
    const delays: number[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const estimator = new PresenceEstimator();
      const epcs = new Set(tags(30));
      const reader = new Reader(estimator, epcs, 0.04, seed, 200);
      reader.run(6000);
      const victim = tags(30)[seed % 30]!;
      epcs.delete(victim);
      const leftAtMs = reader.atMs;
      let goneAtMs: number | null = null;
      reader.run(3000, () => {
        if (goneAtMs === null && estimator.presence(victim) === 'absent') goneAtMs = reader.atMs;
      });
      expect(goneAtMs).not.toBeNull();
      delays.push(goneAtMs! - leftAtMs);
    }
    delays.sort((a, b) => a - b);
    expect(delays[Math.floor(delays.length * 0.95)]!).toBeLessThan(1000);
  });

  it.each([
    [0.04, 1],
    [0.15, 3],
    [0.3, 6],
  ])('hardly flickers while nothing moves: %d misses, at most %d blinks in 5 minutes', (miss, blinksMax) => {
    let blinks = 0;
    for (let seed = 1; seed <= 5; seed++) {
      const estimator = new PresenceEstimator();
      const reader = new Reader(estimator, new Set(tags(24)), miss, seed);
      reader.run(5000);
      let gone = 0;
      reader.run(60_000, () => {
        const now = tags(24).filter((epc) => estimator.presence(epc) === 'absent').length;
        blinks += Math.max(now - gone, 0);
        gone = now;
      });
    }
    expect(blinks).toBeLessThanOrEqual(blinksMax);
  });

  it('learns no rhythm from short looks now and then, and is as quick as ever soon after', () => {
    const estimator = new PresenceEstimator();
    const epcs = new Set(tags(24));
    const reader = new Reader(estimator, epcs, 0.04, 9);
    for (let look = 0; look < 100; look++) {
      reader.run(300);
      reader.atMs += 1700;
    }
    expect(tags(24).every((epc) => estimator.presence(epc) === 'present')).toBe(true);
    reader.run(3500);
    const epc = tags(24)[3]!;
    epcs.delete(epc);
    reader.run(1200);
    expect(estimator.presence(epc)).toBe('absent');
  });

  it('is quick in the first visit after a start, before each tag has a history of its own', () => {
    const estimator = new PresenceEstimator();
    const epcs = new Set(tags(30));
    const reader = new Reader(estimator, epcs, 0.04, 21, 200);
    reader.run(1900);
    const epc = tags(30)[11]!;
    epcs.delete(epc);
    reader.run(1400);
    expect(estimator.presence(epc)).toBe('absent');
  });

  it('says nothing about tags while the reader is silent', () => {
    const estimator = new PresenceEstimator();
    const reader = new Reader(estimator, new Set(tags(10)), 0.04, 7);
    reader.run(4000);
    // Silent for a minute, then one message.
    estimator.observe('reader', { reads: [], atMs: reader.atMs + 60_000 });
    expect(tags(10).every((epc) => estimator.presence(epc) === 'present')).toBe(true);
  });

  it('counts a tag as back only after it was heard again more than once', () => {
    const estimator = new PresenceEstimator();
    const epcs = new Set(tags(12));
    const reader = new Reader(estimator, epcs, 0.04, 3);
    reader.run(5000);
    const epc = tags(12)[0]!;
    epcs.delete(epc);
    reader.run(3000);
    expect(estimator.presence(epc)).toBe('absent');
    estimator.observe('reader', { reads: [{ epc, atMs: reader.atMs }], atMs: reader.atMs });
    expect(estimator.presence(epc)).toBe('absent');
    epcs.add(epc);
    reader.run(800);
    expect(estimator.presence(epc)).toBe('present');
  });

  it('does not take a single stray read for goods on the shelf', () => {
    const estimator = new PresenceEstimator();
    estimator.observe('reader', { reads: [{ epc: 'E2FF', atMs: 5 }], atMs: 5 });
    expect(estimator.present()).toEqual([]);
  });

  it('gives the final answer only from what was heard since the door closed', () => {
    const estimator = new PresenceEstimator();
    const epcs = new Set(tags(12));
    const reader = new Reader(estimator, epcs, 0.04, 11);
    reader.run(5000);
    const epc = tags(12)[4]!;
    epcs.delete(epc);
    const since = estimator.mark();
    reader.run(100);
    expect(estimator.finalPresence(epc, since)).toBe('unsure');
    reader.run(2500);
    expect(estimator.finalPresence(epc, since)).toBe('absent');
    for (const other of epcs) expect(estimator.finalPresence(other, since)).toBe('present');
  });

  describe('after the door has closed', () => {
    const epc = tags(12)[4]!;
    /** `epc` is read at these times after the door closed, and by nobody else; it has left, and counts as gone or not. */
    const heardAt = (timesMs: readonly number[], isGone: boolean, untilMs = 3_000) => {
      const estimator = new PresenceEstimator();
      const epcs = new Set(tags(12));
      const reader = new Reader(estimator, epcs, 0.04, 11);
      reader.run(5000);
      epcs.delete(epc);
      if (isGone) reader.run(3000);
      const since = estimator.mark();
      const startMs = reader.atMs;
      for (const ms of timesMs) {
        reader.run(startMs + ms - reader.atMs);
        estimator.observe('reader', { reads: [{ epc, atMs: reader.atMs }], atMs: reader.atMs });
      }
      reader.run(startMs + untilMs - reader.atMs);
      const answer = (isLast: boolean) => estimator.finalPresence(epc, since, { wasGone: isGone, isLast });
      return [answer(false), answer(true)];
    };

    it.each([true, false])(
      'one read settles nothing, and silence after it stays in doubt; gone before: %s',
      (is) => {
        expect(heardAt([100], is)).toEqual(['doubtful', 'doubtful']);
        expect(heardAt([1_000], is)).toEqual(['doubtful', 'doubtful']);
      },
    );
    it('with the last word one read is enough of what was there all the time, and too little of what was gone', () => {
      expect(heardAt([100], false, 300)).toEqual(['unsure', 'present']);
      expect(heardAt([100], true, 300)).toEqual(['unsure', 'doubtful']);
    });
    it('reads in the first moment alone, or in one round, are none of goods on the shelf', () => {
      expect(heardAt([50, 150, 300, 450], true, 500)[1]).toBe('doubtful');
      expect(heardAt([600, 605, 610], true, 650)[1]).toBe('doubtful');
    });
    it('two rounds are enough for both', () => {
      expect(heardAt([300, 600], true, 650)[0]).toBe('present');
      expect(heardAt([300, 600], false, 650)[0]).toBe('present');
    });
    it('what was gone and falls silent again has not come back; what was there is nobody’s loss', () => {
      expect(heardAt([300, 600], true)).toEqual(['doubtful', 'doubtful']);
      expect(heardAt([300, 600], false)).toEqual(['present', 'present']);
    });
  });

  it('leaves out of a baseline what was not heard since the door was shut, and waits until that is settled', () => {
    const estimator = new PresenceEstimator();
    expect(estimator.inventorySince(startMark)).toEqual({ present: [], settled: false });
    const epcs = new Set(tags(24));
    const reader = new Reader(estimator, epcs, 0.04, 5);
    reader.run(5000);
    expect(estimator.inventorySince(startMark).settled).toBe(true);
    // Somebody takes one while nobody watches; the door is shut again before its silence says anything.
    const stolen = tags(24)[7]!;
    epcs.delete(stolen);
    const shut = estimator.mark();
    reader.run(100);
    expect(estimator.inventorySince(shut).settled).toBe(false);
    reader.run(2500);
    const { present, settled } = estimator.inventorySince(shut);
    expect(settled).toBe(true);
    expect(new Set(present)).toEqual(epcs);
  });

  it('does not settle on a baseline that lacks a tag which the reader has just missed', () => {
    const estimator = new PresenceEstimator();
    const epcs = new Set(tags(24));
    const reader = new Reader(estimator, epcs, 0.12, 17);
    reader.run(8000);
    const shut = estimator.mark();
    reader.run(4000);
    let lacking = 0;
    let waiting = 0;
    let slips = 0;
    reader.run(30 * 60_000, () => {
      const { present, settled } = estimator.inventorySince(shut);
      if (estimator.present().length < epcs.size) slips++;
      if (!settled) waiting++;
      else if (present.length < epcs.size) lacking++;
    });
    // At 12 % misses a tag slips now and then; a baseline just then waits, and hardly ever goes without the tag.
    expect(slips).toBeGreaterThan(100);
    expect(lacking).toBeLessThanOrEqual(slips / 50);
    expect(waiting / (30 * 60 * 20)).toBeLessThan(0.005);
  });

  it('sees new goods however many strange tags have passed by in its life', () => {
    const estimator = new PresenceEstimator();
    let atMs = 1_000;
    const read = (epcs: readonly string[]): void => {
      for (let turn = 0; turn < 10; turn++, atMs += 50) {
        estimator.observe('reader', { reads: epcs.map((epc) => ({ epc, atMs })), atMs });
      }
    };
    for (let wave = 0; wave < 120; wave++) {
      read(
        Array.from(
          { length: 50 },
          (_, n) => `F${String(wave).padStart(3, '0')}${String(n).padStart(4, '0')}`,
        ),
      );
      read([]);
    }
    read(tags(50));
    expect(tags(50).filter((epc) => estimator.presence(epc) === 'present')).toHaveLength(50);
  });

  it('takes the silence of one reader for nothing that another one used to hear', () => {
    const estimator = new PresenceEstimator();
    const first = new Reader(estimator, new Set(tags(8)), 0.04, 5);
    let atMs = 0;
    const second = tags(12).slice(8);
    const both = (ms: number, isSecondThere: boolean): void => {
      first.run(ms);
      for (const endMs = atMs + ms; isSecondThere && atMs < endMs; atMs += 50) {
        estimator.observe('second', { reads: second.map((epc) => ({ epc, atMs })), atMs });
      }
    };
    both(6_000, true);
    expect(estimator.present().sort()).toEqual(tags(12));
    const mark = estimator.mark();
    both(60_000, false);
    expect(second.map((epc) => estimator.presence(epc))).toEqual(second.map(() => 'present'));
    expect(second.map((epc) => estimator.finalPresence(epc, mark))).toEqual(second.map(() => 'unsure'));
    expect(estimator.inventorySince(mark).settled).toBe(false);
    // It is taken out of the cabinet's configuration.
    estimator.forget('second');
    expect(estimator.present().sort()).toEqual(tags(8));
  });

  it('believes a reader that hears a tag well, though another one that is away heard it too', () => {
    const estimator = new PresenceEstimator();
    const epcs = new Set(tags(8));
    const first = new Reader(estimator, epcs, 0.04, 5);
    for (let atMs = 0; atMs < 6_000; atMs += 50) {
      first.run(50);
      estimator.observe('second', { reads: tags(8).map((epc) => ({ epc, atMs })), atMs });
    }
    const epc = tags(8)[2] ?? '';
    epcs.delete(epc);
    const mark = estimator.mark();
    first.run(3_000);
    expect(estimator.finalPresence(epc, mark)).toBe('absent');
  });

  describe('polled at rest, with one long round a look', () => {
    /** Looks each 2 s, at whatever is heard in it. */
    const rest = (looks: number, heard: (look: number) => string[], estimator = new PresenceEstimator()) => {
      const verdicts = Array.from({ length: looks }, (_, look) => {
        const atMs = 1_000_000 + 2_000 * look;
        const reads = heard(look).map((epc) => ({ epc, atMs }));
        estimator.observe('reader', { reads, atMs, sinceMs: atMs - 300 });
        return estimator.capacity();
      });
      return { estimator, verdicts };
    };

    it.each([1, 2, 3, 4, 10])('%d pieces are not too many', (count) => {
      expect(rest(300, () => tags(count)).verdicts).not.toContain('beyond');
    });

    it('one piece that is hardly heard is not too many', () => {
      const { verdicts } = rest(300, (look) => (look === 0 || look % 40 === 1 ? tags(1) : []));
      expect(verdicts).not.toContain('beyond');
    });

    it('too many for its pace are too many no more when it is as quick as before', () => {
      // One of 100 a round: some 3 reads a second.
      const { estimator } = rest(200, (look) => tags(100).slice(look % 100, (look % 100) + 1));
      expect(estimator.capacity()).toBe('beyond');
      rest(200, () => tags(100), estimator);
      expect(estimator.capacity()).not.toBe('beyond');
    });
  });

  it('takes any times and any garbage without throwing, and stays bounded', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            reads: fc.array(
              fc.record({
                epc: fc.string({ unit: fc.constantFrom('0', 'A', 'F'), maxLength: 8 }),
                // The schema of the device host's messages lets no other through.
                atMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
              }),
            ),
            atMs: fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
          }),
        ),
        (batches) => {
          const estimator = new PresenceEstimator();
          for (const b of batches) estimator.observe('reader', b);
          const listenedMs = estimator.listenedSince(startMark);
          return listenedMs >= 0 && Number.isFinite(listenedMs);
        },
      ),
    );
  });
});
