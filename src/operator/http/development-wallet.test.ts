import { expect, it } from 'vitest';
import type { DevelopmentBody, DevelopmentRouteName } from '../../shared/api/development-routes.ts';
import { callDevelopment } from '../../shared/api/development-routes.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { walletOf } from '../../testkit/operator/wallet.ts';
import { walletBalanceMaxMinor, walletStatementMax, walletTopUpMaxMinor } from '../limits.ts';

const currency = 'CNY';
const ofMember = { memberId: 'M1001' };

onStorage('the wallets in the development API', (harness) => {
  const caller = () => {
    const api = harness().restarted({ realProviders: [walletOf(harness())] }).operator.developmentApi!;
    return <N extends DevelopmentRouteName>(
      name: N,
      body: DevelopmentBody<N>,
      params: Record<string, string> = ofMember,
    ) =>
      callDevelopment(
        async ({ method, path, body: payload }) => {
          const headers = { host: 'localhost', 'content-type': 'application/json' };
          const request = { method, url: path, headers, ...(payload === undefined ? {} : { payload }) };
          const response = await api.inject(request);
          if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`);
          return response.json();
        },
        name,
        body,
        params,
      );
  };
  const money = (amountMinor: number, reference: string) => ({
    currency: 'CNY' as const,
    amountMinor,
    reference,
    actor: 'desk',
  });

  it('are opened, topped up, put right and shown', async () => {
    const call = caller();
    await expect(call('topUpWallet', money(500, 'bank-1'))).rejects.toThrow('404');
    await expect(call('openWallet', { currency }, { memberId: 'M9' })).rejects.toThrow('404');
    for (let i = 0; i < 2; i++)
      expect(await call('openWallet', { currency })).toEqual({ ...ofMember, currency, balanceMinor: 0 });
    for (let i = 0; i < 2; i++)
      expect(await call('topUpWallet', money(500, 'bank-1'))).toMatchObject({ balanceMinor: 500 });
    await expect(call('topUpWallet', money(501, 'bank-1'))).rejects.toThrow('409');
    await expect(call('topUpWallet', money(walletTopUpMaxMinor + 1, 'bank-2'))).rejects.toThrow('400');
    await expect(call('topUpWallet', money(walletBalanceMaxMinor - 499, 'bank-2'))).rejects.toThrow('409');
    const adjust = (amountMinor: number, reference: string) =>
      call('adjustWallet', { ...money(amountMinor, reference), reason: 'counted' });
    await expect(adjust(-501, 'slip-1')).rejects.toThrow('409');
    await expect(adjust(0, 'slip-1')).rejects.toThrow('400');
    for (let i = 0; i < 2; i++) expect(await adjust(-500, 'slip-1')).toMatchObject({ balanceMinor: 0 });
    await expect(adjust(500, 'slip-1')).rejects.toThrow('409');
    expect(await call('walletAudit', undefined, {})).toEqual([]);
  });

  it('are shown in pieces, newest first', async () => {
    const call = caller();
    await call('openWallet', { currency });
    const count = walletStatementMax + 2;
    for (let i = 1; i <= count; i++) await call('topUpWallet', money(i, `bank-${i}`));
    const first = await call('walletStatement', undefined, { ...ofMember, currency });
    expect(first.balanceMinor).toBe((count * (count + 1)) / 2);
    expect(first.entries.map(({ amountMinor }) => amountMinor)).toEqual(
      Array.from({ length: walletStatementMax }, (_, i) => count - i),
    );
    const before = String(first.olderBefore);
    const second = await call('walletStatement', undefined, { ...ofMember, currency, before });
    expect(second).toMatchObject({ entries: [{ amountMinor: 2 }, { amountMinor: 1 }], olderBefore: null });
    await expect(call('walletStatement', undefined, { ...ofMember, currency: 'USD' })).rejects.toThrow('404');
  });

  it('are not opened where this operator has none', async () => {
    const api = harness().operator.developmentApi!;
    const request = { method: 'POST', url: '/dev/members/M1001/wallet', payload: { currency } } as const;
    expect((await api.inject(request)).statusCode).toBe(409);
  });
});
