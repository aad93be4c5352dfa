import { expect, test } from 'vitest';
import { isLongRun } from '../../testkit/long-run.ts';
import { playRandomVisits } from './random-visits.ts';

/**
 * A new seed in each run. KAIMEN_SIM_SEED repeats an earlier one, event for event; KAIMEN_SIM_VISITS makes it longer (10000:
 * an hour or so).
 */
const seed = Number(process.env['KAIMEN_SIM_SEED'] ?? Date.now() % 1_000_000_000);
const visitCount = Number(process.env['KAIMEN_SIM_VISITS'] ?? (isLongRun ? 1000 : 32));
const hangMs = 24 * 3_600_000;

test('random visits: none lost, none doubled, none too high', { timeout: hangMs }, async () => {
  console.log(`random visits: seed ${seed}`);
  const { wrong, counts, charges } = await playRandomVisits({ seed, cabinetCount: 8, visitCount });
  const paid = charges.filter((c) => c.state === 'paid');
  const fen = paid.reduce((n, c) => n + c.debitedMinor, 0);
  const faults = `${counts.faults} faults, ${counts.kills} of them kills, ${counts.forced} doors forced`;
  console.log(
    `random visits: ${counts.visits} visits (${counts.opened} doors opened), ${faults}; ${paid.length} charges paid ` +
      `(${(fen / 100).toFixed(2)}), ${charges.length - paid.length} with a human`,
  );
  expect(wrong, `seed ${seed}`).toEqual([]);
  expect(counts.visits).toBe(visitCount);
  expect(paid.length).toBeGreaterThan(0);
});

test('the same seed twice: the same event log, byte for byte', { timeout: hangMs }, async () => {
  const options = { seed: 20_260_101, cabinetCount: 3, visitCount: 12 };
  const [first, second] = [await playRandomVisits(options), await playRandomVisits(options)];
  expect(first.wrong).toEqual([]);
  expect(first.counts.opened).toBeGreaterThan(3);
  expect(
    cabinetsOf(first.charges).some((cabinets) => cabinets.size > 1),
    'a member at two cabinets',
  ).toBe(true);
  const at = first.log.findIndex((line, i) => line !== second.log[i]);
  expect(at < 0 ? null : [first.log[at], second.log[at]], `differs at line ${at}`).toBeNull();
  expect(second.log.length).toBe(first.log.length);
});

test('another seed: another run', { timeout: hangMs }, async () => {
  const options = { cabinetCount: 1, visitCount: 1 };
  const [first, second] = [
    await playRandomVisits({ ...options, seed: 1 }),
    await playRandomVisits({ ...options, seed: 2 }),
  ];
  expect(first.log).not.toEqual(second.log);
});

/** For each member: the cabinets at which something was bought. */
function cabinetsOf(charges: readonly { memberId: string; cabinetId: string }[]): Set<string>[] {
  const byMember = new Map<string, Set<string>>();
  for (const { memberId, cabinetId } of charges) {
    byMember.set(memberId, (byMember.get(memberId) ?? new Set()).add(cabinetId));
  }
  return [...byMember.values()];
}
