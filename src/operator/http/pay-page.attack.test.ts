import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { OwedByCard, isQuiet, scanToPay } from '../../testkit/operator/owed-by-card.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { payGuessesOfAddress } from '../limits.ts';

const cards = new OwedByCard();
const { server } = cards.rig;

beforeAll(() => cards.rig.start());
afterAll(() => cards.rig.stop());
beforeEach(() => cards.reset());

onStorage('the page to pay a debt by, and strangers', (harness) => {
  it('who guesses numbers behind the proxy that all phones come through shuts nobody out', async () => {
    const owing = await cards.owing(harness());
    for (let i = 0; i < payGuessesOfAddress.burst + 5; i++)
      await scanToPay({ ...owing, chargeId: `KM${String(i).padStart(26, '0')}` }, { from: '127.0.0.1' });
    expect(await scanToPay(owing, { from: '127.0.0.1' })).toMatchObject({ status: 303 });
    await owing.operator.close();
  });

  it('who scans one debt from many addresses asks the provider no oftener, and shuts nobody out', async () => {
    const owing = await cards.owing(harness());
    expect(await scanToPay(owing)).toMatchObject({ status: 303 });
    const before = server.asked.length;
    const from = Array.from({ length: 30 }, (_, i) => `198.51.100.${i}`);
    const all = await Promise.all(from.map((address) => scanToPay(owing, { from: address })));
    for (const one of all) expect(one.status).toBe(303);
    for (const address of from.slice(0, 15))
      expect((await scanToPay(owing, { from: address })).status).toBe(303);
    expect(server.asked.length - before).toBeLessThan(30);
    await isQuiet(owing.operator.worker);
    await owing.operator.close();
  });

  it('tells nobody what it asks the database', async () => {
    const owing = await cards.owing(harness());
    for (const chargeId of ['%00', 'a%00b', 'KM%2500', '%F0%9F%98%80', "KM'--"]) {
      const told = await scanToPay({ ...owing, chargeId });
      expect(told.status).toBe(404);
      expect(told.text).not.toMatch(/select|from|params/i);
    }
    await owing.operator.close();
  });
});
