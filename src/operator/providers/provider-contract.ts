import { describe, expect, it } from 'vitest';
import type { DebitRequest, Provider, RawNotification } from './provider.ts';

/** What the contract needs of a provider under test, beside the provider itself: a sandbox, a local server, a fake. */
export interface ProviderUnderTest {
  readonly provider: Provider;
  /** An order that no test has used yet, for a member who can pay it. */
  newOrder(): DebitRequest;
  /** A true notification about this order; null where `capabilities.notifications` is false. */
  notificationOf(orderId: string): RawNotification | null;
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
      notificationOf: (orderId: string) => under.notificationOf(orderId),
      setMood: (mood: Parameters<ProviderUnderTest['setMood']>[0]) => under.setMood(mood),
    };
  };
  const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });

  describe(`the provider contract: ${name}`, () => {
    it('an order number is debited once, however often it is sent', async () => {
      const { provider, newOrder } = make();
      const order = newOrder();
      expect(await provider.query(order.orderId)).toEqual({ kind: 'not_found' });
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
      expect(await provider.query(order.orderId)).toEqual({ kind: 'not_found' });
      setMood('ok');
      expect(await provider.debit(order)).toEqual(paid(order.amountMinor));
    });

    it('a provider that does not answer is unknown, never a no', async () => {
      const { provider, newOrder, setMood } = make();
      const order = newOrder();
      setMood('down');
      expect(await provider.debit(order)).toMatchObject({ kind: 'unknown' });
      expect(await provider.query(order.orderId)).toMatchObject({ kind: 'unknown' });
      setMood('ok');
    });

    it('an order that is opened is not debited yet, and may be lowered until it is', async () => {
      const { provider, newOrder } = make();
      const { open, adjust } = provider.capabilities;
      if (!open) return;
      const order = newOrder();
      for (let i = 0; i < 2; i++) expect(await provider.open(order)).toEqual({ kind: 'done' });
      expect(await provider.query(order.orderId)).toEqual({ kind: 'not_found' });
      const amountMinor = order.amountMinor - 1;
      if (adjust) {
        const { orderId } = order;
        for (let i = 0; i < 2; i++)
          expect(await provider.adjust({ orderId, amountMinor })).toEqual({ kind: 'done' });
        expect(await provider.adjust({ orderId, amountMinor: order.amountMinor })).toMatchObject({
          kind: 'rejected',
        });
        expect(await provider.debit({ ...order, amountMinor })).toEqual(paid(amountMinor));
        expect(await provider.adjust({ orderId, amountMinor: 1 })).toMatchObject({ kind: 'rejected' });
      } else expect(await provider.debit(order)).toEqual(paid(order.amountMinor));
    });

    it('a refund is paid once for its id, in parts, and never beyond what was debited', async () => {
      const { provider, newOrder } = make();
      if (!provider.capabilities.refund) return;
      const order = newOrder();
      const { orderId, amountMinor } = order;
      const first = { orderId, refundId: `${orderId}R1`.slice(-32), amountMinor: 1 };
      expect(await provider.refund(first)).toMatchObject({ kind: 'rejected' });
      await provider.debit(order);
      for (let i = 0; i < 2; i++) expect(await provider.refund(first)).toEqual({ kind: 'done' });
      const rest = { orderId, refundId: `${orderId}R2`.slice(-32), amountMinor: amountMinor - 1 };
      expect(await provider.refund(rest)).toEqual({ kind: 'done' });
      const more = { orderId, refundId: `${orderId}R3`.slice(-32), amountMinor: 1 };
      expect(await provider.refund(more)).toMatchObject({ kind: 'rejected' });
    });

    it('a notification is taken only as the provider made it', () => {
      const { provider, newOrder, notificationOf } = make();
      const { orderId } = newOrder();
      const message = notificationOf(orderId);
      if (message === null) return;
      expect(provider.parseNotification(message)).toEqual({ ok: true, value: { orderId } });
      const body = Buffer.concat([message.body, Buffer.from(' ')]);
      expect(provider.parseNotification({ ...message, body })).toMatchObject({ error: { code: 'forged' } });
      expect(provider.parseNotification({ headers: {}, body: new Uint8Array() }).ok).toBe(false);
    });
  });
}
