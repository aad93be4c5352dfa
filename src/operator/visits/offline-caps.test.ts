import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultOfflineCaps as caps } from '../../shared/model/offline-policy.ts';
import type { OfflineVisit } from './offline-caps.ts';
import { brokenCaps } from './offline-caps.ts';

const hourMs = 3_600_000;
const visit = (memberId: string, atMs: number, totalMinor = 1_000, untilMs = Infinity): OfflineVisit => ({
  memberId,
  atMs,
  shutAtMs: atMs,
  totalMinor,
  untilMs,
});
const many = (count: number, totalMinor = 100) =>
  Array.from({ length: count }, (_, i) => visit(`M${i}`, i, totalMinor));

describe('the caps of opening offline', () => {
  it('are kept by two visits of a member, and broken by a third', () => {
    const [first, second, third] = [1, 2, 3].map((atMs) => visit('M1', atMs));
    if (first === undefined || second === undefined || third === undefined) return expect.unreachable();
    expect(brokenCaps(caps, second, [first])).toEqual([]);
    expect(brokenCaps(caps, third, [first, second])).toEqual(['too many of this member']);
    // What has arrived in between is settled, and counts no more.
    expect(brokenCaps(caps, third, [first, { ...second, untilMs: 3 }])).toEqual([]);
    expect(brokenCaps(caps, third, [first, visit('M2', 2)])).toEqual([]);
  });

  it('are of sums, too', () => {
    expect(brokenCaps(caps, visit('M1', 2), [visit('M1', 1, 5_999)])).toEqual([]);
    expect(brokenCaps(caps, visit('M1', 2), [visit('M1', 1, 6_000)])).toEqual(['too much of this member']);
    expect(brokenCaps(caps, visit('M', 999), many(199, 1_005))).toEqual([]);
    expect(brokenCaps(caps, visit('M', 999), many(199, 1_006))).toEqual(['too much of this cabinet']);
  });

  it('are of the cabinet: so many, and none that waits for longer', () => {
    expect(brokenCaps(caps, visit('M', 999), many(199))).toEqual([]);
    expect(brokenCaps(caps, visit('M', 999), many(200))).toEqual(['too many of this cabinet']);
    const oldest = visit('M2', 0);
    expect(brokenCaps(caps, visit('M', 24 * hourMs), [oldest])).toEqual([]);
    expect(brokenCaps(caps, visit('M', 24 * hourMs + 1), [oldest])).toEqual([
      'the oldest had waited too long',
    ]);
  });

  it('count how long the oldest waits from the shut door on, as the cabinet does', () => {
    const oldest = { ...visit('M2', 0), shutAtMs: hourMs / 2 };
    expect(brokenCaps(caps, visit('M', 24 * hourMs + 1), [oldest])).toEqual([]);
    expect(brokenCaps(caps, visit('M', 24.5 * hourMs), [oldest])).toEqual([]);
    expect(brokenCaps(caps, visit('M', 24.5 * hourMs + 1), [oldest])).toEqual([
      'the oldest had waited too long',
    ]);
  });

  it('are found broken in whatever order the charges come', () => {
    const visits = fc.array(fc.record({ member: fc.constantFrom('M1', 'M2'), total: fc.nat(4_000) }), {
      minLength: 3,
      maxLength: 6,
    });
    fc.assert(
      fc.property(visits, fc.integer(), (made, seed) => {
        const all = made.map(({ member, total }, i) => visit(member, i + 1, total));
        const shuffled = all.toSorted((a, b) => Math.sin(seed + a.atMs) - Math.sin(seed + b.atMs));
        const found = (order: readonly OfflineVisit[]) =>
          new Set(order.flatMap((one, i) => brokenCaps(caps, one, order.slice(0, i))));
        expect(found(shuffled)).toEqual(found(all));
      }),
    );
  });
});
