import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assert } from '../../../shared/assert.ts';
import { debitRequest } from '../../../testkit/operator/debit-request.ts';
import type { OperatorHarness } from '../../../testkit/operator/harness.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import {
  faultyDb,
  fundWallet,
  ledgerFindings,
  walletBalance,
  walletOf,
} from '../../../testkit/operator/wallet.ts';
import { member } from '../../storage/schema.ts';
import type { Db } from '../../storage/storage.ts';
import { adjustWallet, topUpWallet } from '../../support/wallet.ts';

const topUpMinor = 300;
const adjustmentsMinor = [-150, 40, -70] as const;
const refundMinor = 60;

const number = fc.nat({ max: 2 });
const act = fc.oneof(
  fc.record({ do: fc.constant('debit'), number, moreMinor: fc.constantFrom(0, 0, 0, 1) }),
  fc.record({ do: fc.constantFrom('close', 'query', 'refund', 'topUp', 'adjust'), number }),
);
type Act = { readonly do: string; readonly number: number; readonly moreMinor?: number };
/** Acts of several instances at once, each on a database that may fail it. */
const batch = fc.array(
  fc.record({ act, fault: fc.constantFrom('none', 'none', 'none', 'undone', 'unanswered') }),
  { minLength: 1, maxLength: 5 },
);

let count = 0;

/** One member, three orders, three payments in, three adjustments. */
class World {
  readonly #harness: OperatorHarness;
  readonly memberId: string;
  /** What was ever told as paid, of each order. */
  readonly toldMinor = new Map<number, Set<number>>();

  constructor(harness: OperatorHarness) {
    this.#harness = harness;
    this.memberId = `P${++count}`;
  }

  async begin(): Promise<void> {
    await this.#harness.db.insert(member).values({
      memberId: this.memberId,
      display: '测*',
      phoneLastDigits: null,
      provider: 'fake',
      standing: 'active',
      owedElsewhereMinor: 0,
      note: '',
    });
    await fundWallet(this.#harness, this.memberId, 100);
  }

  /** What came of it; null: nobody knows. */
  async do(
    { do: what, number, moreMinor = 0 }: Act,
    db: Db = this.#harness.db,
  ): Promise<{ kind: string } | null> {
    const { clock } = this.#harness;
    const wallet = walletOf({ db, clock });
    const orderId = `${this.memberId}-${number}`;
    switch (what) {
      case 'debit': {
        const amountMinor = 90 + 10 * number + moreMinor;
        const outcome = await wallet.debit(debitRequest({ orderId, memberId: this.memberId, amountMinor }));
        if (outcome.kind === 'paid') this.#told(number, outcome.amountMinor);
        return outcome;
      }
      case 'close':
        return wallet.close(orderId);
      case 'query': {
        const outcome = await wallet.query(orderId);
        if (outcome.kind === 'paid') this.#told(number, outcome.amountMinor);
        return outcome;
      }
      case 'refund':
        return wallet.refund({
          orderId,
          refundId: `F-${orderId}`,
          amountMinor: refundMinor,
          currency: 'CNY',
          reason: '少收',
        });
      case 'topUp': {
        const request = { ...this.#act(number), amountMinor: topUpMinor };
        return kindOf(topUpWallet({ db, clock }, this.memberId, request));
      }
      default: {
        const request = { ...this.#act(number), amountMinor: adjustmentsMinor[number]!, reason: 'counted' };
        return kindOf(adjustWallet({ db, clock }, this.memberId, request));
      }
    }
  }

  #act(number: number) {
    return { currency: 'CNY', reference: `${this.memberId}-${number}`, actor: 'desk' } as const;
  }

  #told(number: number, amountMinor: number): void {
    this.toldMinor.set(number, (this.toldMinor.get(number) ?? new Set()).add(amountMinor));
  }
}

async function kindOf(done: Promise<{ ok: boolean }>): Promise<{ kind: string } | null> {
  const result = await done.catch(() => null);
  return result === null ? null : { kind: result.ok ? 'ok' : 'refused' };
}

async function play(harness: OperatorHarness, batches: { act: Act; fault: string }[][]): Promise<void> {
  const world = new World(harness);
  await world.begin();
  for (const acts of batches) {
    await Promise.all(
      acts.map(({ act: one, fault }) =>
        world.do(
          one,
          faultyDb(harness.db, () => fault as 'none'),
        ),
      ),
    );
    expect(await walletBalance(harness.db, world.memberId)).toBeGreaterThanOrEqual(0);
  }
  // In the end each act is asked for once more, and what is told of all of them together is what is in the wallet.
  let expectedMinor = 100;
  const again = async (what: string, number: number) => {
    const outcome = await world.do({ do: what, number });
    assert(outcome !== null && outcome.kind !== 'unknown', 'without a fault there is an answer');
    return outcome.kind;
  };
  for (const one of [0, 1, 2]) {
    if ((await again('topUp', one)) === 'ok') expectedMinor += topUpMinor;
    if ((await again('query', one)) === 'paid') {
      const told = [...world.toldMinor.get(one)!];
      expect(told.length).toBe(1);
      expectedMinor -= told[0]!;
    } else expect(world.toldMinor.has(one)).toBe(false);
    if ((await again('refund', one)) === 'refunded') expectedMinor += refundMinor;
  }
  for (const one of [1, 0, 2])
    if ((await again('adjust', one)) === 'ok') expectedMinor += adjustmentsMinor[one]!;
  expect(await walletBalance(harness.db, world.memberId)).toBe(expectedMinor);
  expect(await ledgerFindings(harness.db)).toEqual([]);
}

onStorage('whatever several instances do to a wallet at once, and however it fails,', (harness) => {
  it('each act happens once or not at all, and the ledger is whole', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 5 }), (batches) =>
        play(harness(), batches),
      ),
      { numRuns: 25, plugins: [fc.interruptAfterTimeLimit(120_000)] },
    );
  });
});
