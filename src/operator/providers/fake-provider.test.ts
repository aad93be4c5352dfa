import { expect, it } from 'vitest';
import { newChargeId } from '../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../testkit/operator/debit-request.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { providerContract } from './provider-contract.ts';
import { ProviderRegistry } from './registry.ts';

const settings = (mode: 'ok' | 'decline' | 'down') =>
  ({ mode, delayMs: 0, reason: 'account.declined' }) as const;

onStorage('the fake provider', (harness) => {
  providerContract('fake', () => {
    const { provider } = harness();
    return {
      provider,
      newOrder: () => debitRequest({ orderId: newChargeId(1) }),
      setMood: (mood) => provider.set(settings(mood)),
    };
  });

  it('can be told to debit on every call, so that tests would see it', async () => {
    const { provider } = harness().restarted({ onceForEachNumber: false });
    const order = debitRequest({ orderId: 'KM1' });
    await provider.debit(order);
    await provider.debit(order);
    expect(await harness().debitCount('KM1')).toBe(2);
  });

  it('is found by its name', () => {
    const { provider } = harness();
    const registry = new ProviderRegistry([provider]);
    expect(registry.find('fake')).toBe(provider);
    expect([registry.find('other'), registry.find(null)]).toEqual([null, null]);
    expect(() => new ProviderRegistry([provider, provider])).toThrow('a name of its own');
  });
});
