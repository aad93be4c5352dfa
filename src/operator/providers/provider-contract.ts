import { describe, expect, it } from 'vitest';
import type { DebitRequest, Provider } from './provider.ts';

/** What the contract needs of a provider under test, beside the provider itself: a sandbox, a local server, a fake. */
export interface ProviderUnderTest {
  readonly provider: Provider;
  /** An order that no test has used yet, for a member who can pay it. */
  newOrder(): DebitRequest;
  /** From now on members have no money / the provider does not answer / all is well again. */
  setMood(mood: 'decline' | 'down' | 'ok'): void;
}

/** What the operator builds on, whoever moves the money. Every adapter's test runs it. */
export function providerContract(name: string, makeUnderTest: () => ProviderUnderTest): void {
  /** With functions that stand alone, so that a test names only what it needs. */
  const make = () => {
    const under = makeUnderTest();
    return {
      provider: under.provider,
      newOrder: () => under.newOrder(),
      setMood: (mood: Parameters<ProviderUnderTest['setMood']>[0]) => under.setMood(mood),
    };
  };
  const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });

  describe(`the provider contract: ${name}`, () => {
    it('an order number is debited once, however often it is sent', async () => {
      const { provider, newOrder } = make();
      const order = newOrder();
      expect(await provider.query(order.orderId)).toMatchObject({ kind: 'not_found' });
      for (let i = 0; i < 3; i++) expect(await provider.debit(order)).toEqual(paid(order.amountMinor));
      expect(await provider.query(order.orderId)).toEqual(paid(order.amountMinor));
    });

    it('the same number for another sum is rejected and debits nothing', async () => {
      const { provider, newOrder } = make();
      const order = newOrder();
      await provider.debit(order);
      const other = { ...order, amountMinor: order.amountMinor + 1 };
      expect(await provider.debit(other)).toMatchObject({ kind: 'rejected' });
      expect(await provider.query(order.orderId)).toEqual(paid(order.amountMinor));
    });

    it('what is declined is not debited, and can be debited later under the same number', async () => {
      const { provider, newOrder, setMood } = make();
      const order = newOrder();
      setMood('decline');
      expect(await provider.debit(order)).toMatchObject({ kind: 'declined' });
      expect(['not_found', 'declined']).toContain((await provider.query(order.orderId)).kind);
      setMood('ok');
      expect(await provider.debit(order)).toEqual(paid(order.amountMinor));
    });

    it('a provider that does not answer is unknown, never a no', async () => {
      const { provider, newOrder, setMood } = make();
      const order = newOrder();
      setMood('down');
      const answer = await provider.debit(order);
      expect(['unknown', 'not_sent']).toContain(answer.kind);
      expect(await provider.query(order.orderId)).toMatchObject({ kind: 'unknown' });
      setMood('ok');
    });

    it('a number that is closed debits nothing that was sent before, and may be sent anew', async () => {
      const { provider, newOrder } = make();
      if (provider.close === null) return;
      const order = newOrder();
      for (let i = 0; i < 2; i++) expect(await provider.close(order.orderId)).toEqual({ kind: 'closed' });
      expect(await provider.query(order.orderId)).toMatchObject({ kind: 'not_found' });
      expect(await provider.debit(order)).toEqual(paid(order.amountMinor));
      expect(await provider.close(order.orderId)).toEqual(paid(order.amountMinor));
      expect(await provider.debit(order)).toEqual(paid(order.amountMinor));
    });
  });
}
