import { sleep } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { type DayCounts, RandomDay } from './random-day.ts';
import { type OperatorCharge, type OrderedFault, SharedOperator } from './shared-operator.ts';

export interface RandomVisitsOptions {
  /** Of all chance; the same seed with the same numbers gives the same run, byte for byte. */
  readonly seed: number;
  readonly cabinetCount: number;
  /** Of all cabinets together. */
  readonly visitCount: number;
}

export interface RandomVisitsOutcome {
  /** What the auditor found, in words. */
  readonly wrong: readonly string[];
  readonly counts: DayCounts;
  readonly charges: readonly OperatorCharge[];
  /** All that happened: each cabinet's event log and journal of visits, and the operator's events. */
  readonly log: readonly string[];
}

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

/**
 * Several cabinets in one world before one operator: random shoppers, faults, kills, network trouble and faults of operator
 * and provider; at the end an auditor who knows only the world.
 */
export async function playRandomVisits(options: RandomVisitsOptions): Promise<RandomVisitsOutcome> {
  const { seed, cabinetCount, visitCount } = options;
  const clock = new VirtualClock();
  const operator = await SharedOperator.start(clock, seed);
  const harnesses: CabinetHarness[] = [];
  try {
    for (let i = 0; i < cabinetCount; i++) {
      const cabinetId = `R-${String(i + 1).padStart(4, '0')}`;
      harnesses.push(await CabinetHarness.open(operator, { cabinetId, simulator: { seed: seed + i } }));
    }
    const days = harnesses.map((harness, i) => new RandomDay(harness, new SeededRandom(seed + 1_000 + i)));
    let left = visitCount;
    const shoppers = Promise.all(
      days.map(async (day) => {
        while (left-- > 0) await day.visit();
      }),
    );
    let isOver = false;
    const disturbances = disturbOperator(operator, new SeededRandom(seed), () => isOver);
    await shoppers.finally(() => {
      isOver = true;
    });
    await disturbances;
    const wrong: string[] = [];
    for (const harness of harnesses) {
      await harness.waitSettled(180_000);
      wrong.push(...(await harness.audit()));
    }
    const charges = (await Promise.all(harnesses.map((harness) => harness.charges()))).flat();
    const logs = harnesses.map((harness) => [`## ${harness.cabinetId}`, ...harness.fullLog()]);
    const log = [...logs.flat(), '## operator', ...(await operator.eventLog())];
    return { wrong, counts: sumOf(days.map((day) => day.count)), charges, log };
  } finally {
    for (const harness of harnesses) await harness.close();
    await operator.close();
    clock.stop();
  }
}

/** Operator and provider have their own bad days, until `isOver`. */
async function disturbOperator(
  operator: SharedOperator,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await sleep(operator.clock, random.between(1_000, 8_000));
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

function sumOf(counts: readonly DayCounts[]): DayCounts {
  const sum: DayCounts = { visits: 0, opened: 0, kills: 0, faults: 0, forced: 0 };
  for (const one of counts) for (const key of Object.keys(sum) as (keyof DayCounts)[]) sum[key] += one[key];
  return sum;
}
