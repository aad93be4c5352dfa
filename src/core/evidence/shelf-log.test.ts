import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shelfEventSchema, tagsOfEventMax } from '../../shared/model/evidence.schema.ts';
import type { Observation } from '../recognition/inventory-estimator.ts';
import { ShelfLog, silentAfterMs } from './shelf-log.ts';

const wallMs = 1_000_000;
const tag = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');
const tags = (atMs: number, ...heard: number[]): Observation => ({
  kind: 'tags',
  deviceId: 'reader-1',
  atMs,
  readerMs: atMs,
  reads: heard.map((n) => ({ epc: tag(n), rssiDbm: null, atMs })),
});
const weight = (atMs: number, milligrams: number | null, isStable = true): Observation => ({
  kind: 'weight',
  deviceId: 'lane-2',
  atMs,
  lane: 2,
  milligrams,
  isStable,
  state: milligrams === null ? 'fault' : 'ok',
});

const door = (atMs: number, state: 'open' | 'closed'): Observation => ({
  kind: 'door',
  deviceId: 'lock',
  atMs,
  door: state,
});

describe('ShelfLog', () => {
  it('says which tags fell silent, and which are heard again, each once', () => {
    const log = new ShelfLog();
    for (let atMs = 0; atMs <= 2_000; atMs += 100) log.observe(tags(atMs, 1, 2, 3), wallMs + atMs);
    for (let atMs = 2_100; atMs <= 6_000; atMs += 100) log.observe(tags(atMs, 1, 2), wallMs + atMs);
    for (let atMs = 6_100; atMs <= 8_000; atMs += 100) log.observe(tags(atMs, 1, 2, 3), wallMs + atMs);
    const events = log.take(8_000, wallMs + 8_000, true);
    expect(events.map((event) => event.kind === 'tags' && [event.came, event.gone, event.heard])).toEqual([
      [[tag(1), tag(2), tag(3)], [], 3],
      [[], [tag(3)], 2],
      [[tag(3)], [], 3],
    ]);
    expect(log.take(9_000, wallMs + 9_000, true)).toEqual([]);
  });

  it('notices silence also when nothing is heard at all any more', () => {
    const log = new ShelfLog();
    log.observe(tags(0, 1), wallMs);
    log.take(0, wallMs, true);
    log.look(silentAfterMs + 1, wallMs + silentAfterMs + 1);
    expect(log.take(silentAfterMs + 1, wallMs, true)).toMatchObject([
      { kind: 'tags', gone: [tag(1)], heard: 0 },
    ]);
  });

  it('says a weight at rest that has changed, and that there is none', () => {
    const log = new ShelfLog();
    for (const one of [
      weight(0, 500_000),
      weight(1, 500_400),
      weight(2, 170_000, false),
      weight(3, 170_000),
      weight(4, null),
      weight(5, null),
    ])
      log.observe(one, wallMs);
    expect(log.take(6, wallMs).map((event) => event.kind === 'weight' && event.milligrams)).toEqual([
      500_000,
      170_000,
      null,
    ]);
  });

  it('says doors, devices and lines when they change', () => {
    const log = new ShelfLog();
    const reader = (atMs: number, isReady: boolean): Observation => ({
      kind: 'sensors',
      deviceId: 'host',
      atMs,
      sensors: [{ deviceId: 'reader-1', kind: 'tag-reader', isReady }],
    });
    for (const one of [door(0, 'open'), door(1, 'open'), reader(2, true), reader(3, true), reader(4, false)])
      log.observe(one, wallMs);
    const cola = { sku: 'cola', confidence: 1, sources: ['tags'] as const };
    const lines = [{ ...cola, quantity: 1, sources: [...cola.sources] }];
    log.decided(lines, [], wallMs);
    log.decided([...lines], [], wallMs);
    log.observe(door(5, 'closed'), wallMs);
    expect(log.take(6, wallMs)).toEqual([
      { kind: 'door', atMs: wallMs, door: 'open' },
      { kind: 'device', atMs: wallMs, deviceId: 'reader-1', isReady: true },
      { kind: 'device', atMs: wallMs, deviceId: 'reader-1', isReady: false },
      { kind: 'lines', atMs: wallMs, taken: [{ sku: 'cola', quantity: 1 }], added: [] },
      { kind: 'door', atMs: wallMs, door: 'closed' },
    ]);
  });

  it('begins a visit with what there was before it, and with nothing that had passed', () => {
    const log = new ShelfLog();
    log.observe(tags(0, 7), wallMs);
    for (let atMs = 100; atMs <= 4_000; atMs += 100) log.observe(tags(atMs, 1, 2), wallMs + atMs);
    log.observe(weight(4_000, 500_000), wallMs + 4_000);
    log.begin(4_050, wallMs + 4_050);
    // Taken before it was heard again: it is missed all the same.
    for (let atMs = 4_100; atMs <= 7_000; atMs += 100) log.observe(tags(atMs, 1), wallMs + atMs);
    expect(log.take(7_000, wallMs + 7_000)).toMatchObject([
      { kind: 'weight', lane: 2, milligrams: 500_000, atMs: wallMs + 4_050 },
      { kind: 'tags', came: [tag(1), tag(2)], gone: [], heard: 2 },
      { kind: 'tags', came: [], gone: [tag(2)], heard: 1 },
    ]);
  });

  it('misses at the end what was not heard since the door was shut, however quick the hand was', () => {
    const log = new ShelfLog();
    log.observe(door(0, 'closed'), wallMs);
    log.observe(tags(100, 1, 2), wallMs);
    log.begin(150, wallMs);
    log.take(150, wallMs);
    log.observe(door(200, 'open'), wallMs);
    log.observe(door(600, 'closed'), wallMs);
    log.observe(tags(900, 1), wallMs);
    expect(log.take(1_000, wallMs, true).at(-1)).toMatchObject({ kind: 'tags', gone: [tag(2)], heard: 1 });
  });

  it('loses no tag, however many there are, and makes only what can be told', () => {
    const rounds = fc.array(
      fc.record({ heard: fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 700 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(rounds, fc.integer({ min: 100, max: 3_000 }), (all, everyMs) => {
        const log = new ShelfLog();
        all.forEach(({ heard }, i) => log.observe(tags(i * everyMs, ...heard), wallMs + i * everyMs));
        const lastMs = (all.length - 1) * everyMs;
        const present = new Set<string>();
        for (const event of log.take(lastMs, wallMs + lastMs, true)) {
          expect(shelfEventSchema.safeParse(event).success).toBe(true);
          if (event.kind !== 'tags') continue;
          expect(Math.max(event.came.length, event.gone.length)).toBeLessThanOrEqual(tagsOfEventMax);
          for (const epc of event.gone) expect(present.delete(epc)).toBe(true);
          for (const epc of event.came) present.add(epc);
        }
        const lately = all.flatMap(({ heard }, i) => (lastMs - i * everyMs <= silentAfterMs ? heard : []));
        expect([...present].sort()).toEqual([...new Set(lately.map(tag))].sort());
      }),
      { numRuns: 60 },
    );
  });
});
