import { afterAll, beforeAll, expect, test } from 'vitest';
import { SeededRandom } from '../../shared/random.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { SteppedClock } from './clocks.ts';
import { type DayCounts, RandomDay } from './random-day.ts';
import { type OrderedFault, SharedOperator } from './shared-operator.ts';

/**
 * Several cabinets, one operator, random shoppers, faults, kills, network trouble and faults of operator and provider; at the end an
 * auditor who knows only the world. Without KAIMEN_SIM_VISITS it runs for about half a minute; with it, that many visits.
 * KAIMEN_SIM_SEED gives the seed of an earlier run: the same shoppers with the same troubles (bytes and their moments on real
 * sockets are the machine's, so a run is alike, not equal).
 */
const seed = Number(process.env['KAIMEN_SIM_SEED'] ?? Date.now() % 1_000_000_000);
const wantedVisits = process.env['KAIMEN_SIM_VISITS'];
const runMs = 25_000;
const cabinetCount = 8;
const clock = new SteppedClock();

let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

/** What the operator's API does to charges now and then; none of these is a wrong answer about a charge. */
const apiTroubles: readonly OrderedFault[] = [
  { mode: '500', when: 'before' },
  { mode: '500', when: 'after' },
  { mode: 'drop', when: 'before' },
  { mode: 'drop', when: 'after' },
  { mode: 'garbage', when: 'after' },
  { mode: 'hang', when: 'after' },
  { mode: 'delay', delayMs: 3_000 },
];
const providerModes = ['ok', 'ok', 'delay', 'timeout_after_charge', 'down', 'decline'] as const;

/** Operator and provider have their own bad days, until `isOver`. */
async function disturbOperator(random: SeededRandom, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await new Promise((resolve) => {
      clock.after(random.between(1_000, 8_000), () => {
        resolve(undefined);
      });
    });
    const trouble = random.shuffled(apiTroubles)[0];
    if (trouble !== undefined && random.chance(0.5)) {
      await operator.fault({ ...trouble, path: '/v1/charges', count: random.between(1, 4) });
    }
    const mode = random.shuffled(providerModes)[0] ?? 'ok';
    // What was declined is tried again by the next `ok`: members with debts would be shut out.
    await operator.provider({ mode, delayMs: 400, retryNow: mode === 'ok' });
  }
  await operator.fault({ mode: 'none' });
  await operator.provider({ mode: 'ok', retryNow: true });
}

test(
  'random visits: none lost, none doubled, none too high',
  async () => {
    const beganMs = performance.now();
    let left = wantedVisits === undefined ? Infinity : Number(wantedVisits);
    const goesOn = (): boolean =>
      wantedVisits === undefined ? performance.now() - beganMs < runMs : left > 0;
    const harnesses: CabinetHarness[] = [];
    for (let i = 0; i < cabinetCount; i++)
      harnesses.push(await CabinetHarness.open(operator, { simulator: { seed: seed + i } }));
    const days = harnesses.map((harness, i) => new RandomDay(harness, new SeededRandom(seed + 1_000 + i)));
    let isOver = false;
    const disturbances = disturbOperator(new SeededRandom(seed), () => isOver);
    try {
      await Promise.all(
        days.map(async (day) => {
          while (goesOn()) {
            left--;
            await day.visit();
          }
        }),
      );
      isOver = true;
      await disturbances;
      const wrong: string[] = [];
      for (const harness of harnesses) {
        await harness.waitSettled(180_000);
        wrong.push(...(await harness.audit()));
      }
      await report(harnesses, days, performance.now() - beganMs);
      expect(wrong, `seed ${seed}`).toEqual([]);
    } finally {
      isOver = true;
      console.log(`random visits: seed ${seed}`);
      await Promise.all(harnesses.map((harness) => harness.close()));
    }
  },
  24 * 3_600_000,
);

async function report(
  harnesses: readonly CabinetHarness[],
  days: readonly RandomDay[],
  tookMs: number,
): Promise<void> {
  const sum = (key: keyof DayCounts): number => days.reduce((n, d) => n + d.count[key], 0);
  const charges = (await Promise.all(harnesses.map((harness) => harness.charges()))).flat();
  const paid = charges.filter((c) => c.state === 'paid');
  const fen = paid.reduce((n, c) => n + c.debitedMinor, 0);
  const faults = `${sum('faults')} faults, ${sum('kills')} of them kills, ${sum('forced')} doors forced`;
  console.log(
    `random visits: ${sum('visits')} visits (${sum('opened')} doors opened), ${faults}; ${paid.length} charges paid ` +
      `(${(fen / 100).toFixed(2)}), ${charges.length - paid.length} with a human; ${(tookMs / 1000).toFixed(0)} s`,
  );
  expect(sum('visits')).toBeGreaterThan(0);
  expect(paid.length).toBeGreaterThan(0);
}
