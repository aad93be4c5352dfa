import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { OwedByCard, scanToPay } from '../../testkit/operator/owed-by-card.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const cards = new OwedByCard();
const { book, faults } = cards.rig.server;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

beforeAll(() => cards.rig.start());
afterAll(() => cards.rig.stop());
beforeEach(() => cards.reset());

/** The member, or anybody with a picture of the QR, who wants the card not to be asked. */
onStorage('somebody scans "pay now" and does not pay', (harness) => {
  it('again and again: the card is asked by itself all the same, once it is good', async () => {
    const owing = await cards.owing(harness());
    for (let scans = 0; scans < 3; scans++) {
      expect((await scanToPay(owing)).status).toBe(303);
      for (const minutes of [2, 4, 8, 16, 32]) await cards.pass(owing, minutes * minuteMs);
    }
    const row = await owing.operator.chargeRow(owing.chargeId);
    expect(row).toMatchObject({ state: 'collecting', inDoubt: false, waitsForShopper: false });
    faults.clear();
    for (let day = 0; day < 3; day++) await cards.pass(owing, dayMs);
    expect((await owing.operator.chargeRow(owing.chargeId)).state).toBe('paid');
    expect(book.takeCount(owing.chargeId)).toBe(1);
    await owing.operator.close();
  });

  it('shortly before each time at which the card would be asked: then it is asked right after', async () => {
    const owing = await cards.owing(harness());
    faults.clear();
    let paidAfterScans = 0;
    for (let scans = 1; scans <= 4 && paidAfterScans === 0; scans++) {
      const { nextAttemptAtMs } = await owing.operator.chargeRow(owing.chargeId);
      await cards.pass(owing, Math.max((nextAttemptAtMs ?? 0) - owing.operator.clock.nowMs() - minuteMs, 0));
      await scanToPay(owing);
      for (const minutes of [16, 32, 64]) await cards.pass(owing, minutes * minuteMs);
      if ((await owing.operator.chargeRow(owing.chargeId)).state === 'paid') paidAfterScans = scans;
    }
    expect(paidAfterScans).toBe(1);
    expect(book.takeCount(owing.chargeId)).toBe(1);
    await owing.operator.close();
  });

  it.each(['while the page is up', 'after it'])(
    'and the member then saves another card, %s: it is asked',
    async (when) => {
      const owing = await cards.owing(harness(), { code: 'expired_card' });
      const { operator, chargeId } = owing;
      expect(await operator.chargeRow(chargeId)).toMatchObject({
        state: 'collecting',
        waitsForShopper: true,
      });
      expect((await scanToPay(owing)).status).toBe(303);
      if (when === 'after it') await cards.pass(owing, 120 * minuteMs);
      await cards.pass(owing, minuteMs);
      await cards.saveAnother(owing);
      for (const minutes of [16, 32, 64, 1]) await cards.pass(owing, minutes * minuteMs);
      expect((await operator.chargeRow(chargeId)).state).toBe('paid');
      expect(book.takeCount(chargeId)).toBe(1);
      await operator.close();
    },
  );

  it('while no page can be made: the card is not asked before its time, nor less often', async () => {
    const owing = await cards.owing(harness());
    const before = await owing.operator.chargeRow(owing.chargeId);
    for (let scans = 0; scans < 4; scans++) {
      faults.next('link', { kind: 'drop' });
      expect((await scanToPay(owing)).status).toBe(503);
      await cards.pass(owing, 2_000);
    }
    const { declineCount, waitsForShopper, nextAttemptAtMs } = await owing.operator.chargeRow(owing.chargeId);
    expect({ declineCount, waitsForShopper, nextAttemptAtMs }).toEqual({
      ...{ declineCount: before.declineCount, waitsForShopper: false },
      nextAttemptAtMs: before.nextAttemptAtMs,
    });
    await owing.operator.close();
  });
});
