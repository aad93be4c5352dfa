import { expect, it } from 'vitest';
import { chargeBody, line, newChargeId, newVisitId } from '../../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../../testkit/operator/harness.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { faultyDb, fundWallet, walletBalance, walletOf } from '../../../testkit/operator/wallet.ts';
import { collection, walletBeginMaxMs, walletSettlingMs } from '../../limits.ts';
import { topUpWallet } from '../../support/wallet.ts';
import { alteredProvider } from '../../../testkit/operator/altered-provider.ts';
import type { RealProvider } from '../provider.ts';
import { auditWallets } from './audit.ts';

const memberId = 'M1001';
const priceMinor = 350;

onStorage('a charge that a wallet pays', (harness) => {
  const start = async (wallet: RealProvider = walletOf(harness())): Promise<OperatorHarness> => {
    await harness().close();
    return harness().restarted({ realProviders: [wallet] });
  };
  /** One visit, one article; the charge is with the operator. */
  const buy = async (operator: OperatorHarness) => {
    const visit = await operator.visit(memberId);
    const body = chargeBody(visit, { lines: [line('A1', priceMinor, 1)] });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
    return visit;
  };
  const balance = () => walletBalance(harness().db, memberId);
  const audit = () => auditWallets(harness().db);
  const topUp = (operator: OperatorHarness, amountMinor: number, reference: string) =>
    topUpWallet(operator, memberId, { currency: 'CNY', amountMinor, reference, actor: 'desk' });

  it('is paid at once where there is enough, and the ledger and the charges agree', async () => {
    await fundWallet(harness(), memberId, 1_000);
    const operator = await start();
    const { chargeId } = await buy(operator);
    await operator.untilState(chargeId, 'paid', 60_000);
    expect(await balance()).toBe(1_000 - priceMinor);
    expect(await audit()).toEqual([]);
    await operator.close();
  });

  it('is not made where the wallet is empty: no door opens by it until something is put in', async () => {
    await fundWallet(harness(), memberId, 0);
    const operator = await start();
    const ask = async () => {
      const nowMs = operator.clock.nowMs();
      const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
      const body = { ...ids, code: operator.code(memberId), purpose: 'visit' };
      return (await operator.during(operator.send('POST', '/v1/visits/authorise', body))).body;
    };
    expect(await ask()).toEqual({ decision: 'refused', reason: 'account.insufficient_funds' });
    await topUp(operator, 1, 'bank-3');
    expect(await ask()).toMatchObject({ decision: 'allowed' });
    await operator.close();
  });

  it('waits for money where there is too little, and is paid when it comes', async () => {
    await fundWallet(harness(), memberId, 100);
    const operator = await start();
    const { chargeId } = await buy(operator);
    await operator.untilState(chargeId, 'collecting', 60_000);
    expect(await operator.chargeRow(chargeId)).toMatchObject({ reason: 'account.insufficient_funds' });
    expect(await balance()).toBe(100);
    // Declined often, its next try is hours away; a payment into the wallet brings it back now.
    await operator.pass(12 * 3_600_000, 600_000);
    const { nextAttemptAtMs } = await operator.chargeRow(chargeId);
    expect(nextAttemptAtMs! - operator.clock.nowMs()).toBeGreaterThan(600_000);
    expect(await topUp(operator, 300, 'bank-1')).toMatchObject({ ok: true, value: { balanceMinor: 400 } });
    await operator.untilState(chargeId, 'paid', 60_000);
    expect(await balance()).toBe(400 - priceMinor);
    expect(await audit()).toEqual([]);
    await operator.close();
  });

  it('whose collection has ended is paid by what is put in: there is no other way to pay it', async () => {
    await fundWallet(harness(), memberId, 100);
    const operator = await start();
    const { chargeId } = await buy(operator);
    await operator.untilState(chargeId, 'collecting', 60_000);
    operator.clock.jumpWall(collection.endsAfterMs + 1);
    await operator.during(operator.worker.attempt(chargeId));
    expect(await operator.chargeRow(chargeId)).toMatchObject({ collectionEnded: true });
    operator.clock.jumpWall(1);
    expect(await topUp(operator, 300, 'bank-2')).toMatchObject({ ok: true });
    await operator.untilState(chargeId, 'paid', 60_000);
    expect(await balance()).toBe(400 - priceMinor);
    expect(await audit()).toEqual([]);
    await operator.close();
  });

  it.each(['undone', 'unanswered'] as const)(
    'is debited once when the operator dies while it is %s',
    async (fault) => {
      await fundWallet(harness(), memberId, 1_000);
      const { db, clock } = harness();
      let mood: 'none' | typeof fault = fault;
      const operator = await start(walletOf({ db: faultyDb(db, () => mood), clock }));
      const { chargeId } = await buy(operator);
      await operator.until(async () => (await operator.chargeRow(chargeId)).inDoubt, 60_000);
      await operator.close();
      mood = 'none';
      const next = harness().restarted({ realProviders: [walletOf(harness())] });
      await next.untilState(chargeId, 'paid', 10 * walletSettlingMs, 1_000);
      expect(await balance()).toBe(1_000 - priceMinor);
      expect(await audit()).toEqual([]);
      await next.close();
    },
  );

  it('is found by the audit where the ledger has it and the charge does not, and the other way round', async () => {
    await fundWallet(harness(), memberId, 1_000);
    const wallet = walletOf(harness());
    // One that says what is not so.
    const lying: RealProvider = {
      ...alteredProvider(wallet, {
        debit: ({ amountMinor }) => Promise.resolve({ kind: 'paid', amountMinor }),
      }),
      beforeDoor: wallet.beforeDoor,
      open: (request) => wallet.open(request),
      refund: (request) => wallet.refund(request),
      findRefund: (request) => wallet.findRefund(request),
      receive: () => wallet.receive(),
      answerTo: () => wallet.answerTo(),
    };
    const operator = await start(lying);
    const { chargeId } = await buy(operator);
    await operator.untilState(chargeId, 'paid', 60_000);
    expect(await audit()).toEqual([
      { kind: 'charge_without_debit', about: chargeId, detail: 'debited by its own word: 350' },
    ]);
    const { memberId: payer, currency, cabinetId } = await operator.chargeRow(chargeId);
    const order = { orderId: chargeId, memberId: payer, currency, cabinetId, openedAtMs: 1, closedAtMs: 2 };
    await wallet.debit({ ...order, amountMinor: 340, lines: [] });
    expect(await audit()).toEqual([
      { kind: 'debit_not_booked', about: chargeId, detail: '340 was debited, the charge says 350' },
    ]);
    await operator.close();
  });

  it('has no debit on its way any more once its provider may be asked to close it', () => {
    expect(walletSettlingMs).toBeGreaterThan(walletBeginMaxMs);
  });
});
