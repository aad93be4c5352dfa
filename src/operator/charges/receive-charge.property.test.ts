import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FakeProviderSettings } from '../../shared/api/development-routes.ts';
import { fakeProviderSettingsSchema } from '../../shared/api/development-routes.ts';
import { providerTimeoutMs } from '../limits.ts';
import type { Provider } from '../providers/provider.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** What happens to an operator: cabinets send (some wrongly), the provider changes its mood, time passes, it crashes. */
type Step =
  | { do: 'put'; sends: { visit: number; variant: number }[] }
  | { do: 'provider'; settings: FakeProviderSettings }
  | { do: 'pass'; ms: number }
  | { do: 'crash' };

const visitCount = 2;
const variantCount = 3;
const send = fc.record({ visit: fc.nat(visitCount - 1), variant: fc.nat(variantCount - 1) });
const settings = fc.record({
  mode: fc.constantFrom(...fakeProviderSettingsSchema.shape.mode.options),
  reason: fc.constantFrom('account.declined' as const, 'account.expired_card' as const),
  delayMs: fc.nat(providerTimeoutMs - 1_000),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      sends: fc.array(send, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('provider' as const), settings }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(50, 1_000, 40_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' as const }) },
);

/** Variant 0, 1, 2 of a visit's charge: same id, other amount. */
const bodyOf = (visit: Visit, variant: number) =>
  chargeBody(visit, { lines: [line('A1', 100 + variant, 1)] });

class World {
  readonly visits: Visit[];
  readonly #base: OperatorHarness;
  /** Which variant each visit's charge was taken with. */
  readonly taken = new Map<number, number>();
  harness: OperatorHarness;
  #die = () => {};

  constructor(base: OperatorHarness, visits: Visit[]) {
    this.#base = base;
    this.visits = visits;
    this.harness = this.#start();
  }

  /** A provider that debits each time it is asked: nothing but the operator's own care keeps it at one. */
  #start(): OperatorHarness {
    let dead = false;
    this.#die = () => {
      dead = true;
    };
    const lost = async <T>(answer: Promise<T>): Promise<T> => {
      const value = await answer;
      return dead ? new Promise<never>(() => {}) : value;
    };
    const wrap = (inner: Provider): Provider =>
      alteredProvider(inner, {
        debit: (request) => lost(inner.debit(request)),
        query: (orderId) => lost(inner.query(orderId)),
        payUrl: () => null,
      });
    return this.#base.restarted({ onceForEachNumber: false, wrapProvider: wrap });
  }

  crash(mood: FakeProviderSettings): void {
    this.#die();
    void this.harness.worker.stop();
    this.harness = this.#start();
    this.harness.provider.set(mood);
  }

  async put(sends: { visit: number; variant: number }[]): Promise<void> {
    const { harness } = this;
    const puts = sends.map(({ visit, variant }) => {
      const body = bodyOf(this.visits[visit]!, variant);
      return harness.send('PUT', `/v1/charges/${body.chargeId}`, body);
    });
    const answers = await harness.during(Promise.all(puts), 100);
    answers.forEach(({ status, body }, i) => {
      const { visit, variant } = sends[i]!;
      if (status === 200) {
        if (!this.taken.has(visit)) this.taken.set(visit, variant);
        expect(this.taken.get(visit)).toBe(variant);
        expect(body).toMatchObject({ chargeId: this.visits[visit]!.chargeId, totalMinor: 100 + variant });
      } else expect(status).toBe(409);
    });
    // Of all that were sent one was taken, and a refusal is never of the one that was.
    answers.forEach(({ status }, i) => {
      const { visit, variant } = sends[i]!;
      expect(this.taken.has(visit)).toBe(true);
      expect(status === 200).toBe(this.taken.get(visit) === variant);
    });
  }
}

/** What was declined for its card is not asked for again by itself: its owner pays, once nothing of it is in doubt. */
async function untilPaid(operator: OperatorHarness, chargeId: string): Promise<void> {
  const isPaid = async () => {
    const { state, inDoubt } = await operator.chargeRow(chargeId);
    if (state === 'collecting' && !inDoubt)
      await operator.during(operator.worker.payment(chargeId, (asked) => operator.provider.debit(asked)));
    return state === 'paid';
  };
  await operator.until(isPaid, 8 * 3_600_000, 30_000);
}

async function play(base: OperatorHarness, steps: Step[]): Promise<void> {
  await base.worker.stop();
  const world = new World(base, [await base.visit('M1001'), await base.visit('M1002')]);
  let mood: FakeProviderSettings = { mode: 'ok', reason: 'account.declined', delayMs: 0 };
  for (const now of steps) {
    if (now.do === 'put') await world.put(now.sends);
    else if (now.do === 'pass') await world.harness.pass(now.ms, Math.max(now.ms / 20, 10));
    else if (now.do === 'crash') world.crash(mood);
    else {
      mood = now.settings;
      world.harness.provider.set(mood);
    }
    for (const visit of world.visits) expect(await base.debitCount(visit.chargeId)).toBeLessThanOrEqual(1);
  }
  world.harness.provider.set({ mode: 'ok', reason: 'account.declined', delayMs: 0 });
  for (const [index, variant] of world.taken) {
    const { chargeId } = world.visits[index]!;
    await untilPaid(world.harness, chargeId);
    const row = await base.chargeRow(chargeId);
    expect({ total: row.totalMinor, debits: await base.debitCount(chargeId) }).toEqual({
      total: 100 + variant,
      debits: 1,
    });
  }
  await world.harness.close();
}

onStorage('whatever happens, in any order,', (harness) => {
  it(
    'the first body wins, every charge is paid in the end, and money moves once',
    { timeout: 240_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), (steps) => play(harness(), steps)),
        { numRuns: 25, plugins: [fc.interruptAfterTimeLimit(120_000)] },
      );
    },
  );
});
