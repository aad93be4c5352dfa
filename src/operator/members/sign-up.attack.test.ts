import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { z } from 'zod';
import { signUpSchema } from '../../shared/api/agreement.schema.ts';
import { newVisitId } from '../../testkit/operator/cabinet.ts';
import { countedProvider } from '../../testkit/operator/counted-provider.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { StoredOrders } from '../providers/provider-orders.ts';
import { knownOrderSchema } from '../providers/wechat/known-order.ts';
import { Rig } from '../providers/wechat/test-server/rig.ts';
import { member } from '../storage/schema.ts';

const [victim, thief] = ['M1001', 'M1002'];
const always = Number.POSITIVE_INFINITY;
const wechat = new Rig();
beforeAll(() => wechat.start());
afterAll(() => wechat.stop());
beforeEach(() => wechat.server.faults.clear());

type Shown = z.infer<typeof signUpSchema>;

onStorage('an account at a provider, and who else would like to shop by it', (harness) => {
  let operator: OperatorHarness;
  beforeEach(async () => {
    const { db } = harness();
    await harness().close();
    const orders = new StoredOrders(db, wechat.clock, 'wechat', knownOrderSchema);
    const accounts = new StoredAccounts(db, wechat.clock, 'wechat');
    const { provider } = countedProvider(wechat.adapter({}, { orders, accounts }));
    operator = harness().restarted({ realProviders: [provider] });
    // Only notices tell of anything.
    wechat.server.faults.next('permission', { kind: 'drop' }, always);
    await db.update(member).set({ provider: 'wechat' });
    inTime();
  });
  const inTime = () => wechat.clock.pass(operator.clock.nowMs() - wechat.clock.nowMs());
  const ask = async (memberId: string): Promise<Shown> => {
    const url = `/dev/members/${memberId}/sign-ups`;
    const sent = { method: 'POST', url, payload: { provider: 'wechat' } } as const;
    return signUpSchema.parse((await operator.operator.developmentApi?.inject(sent))?.json());
  };
  /** Whoever has this account opens what was given. Gives WeChat's word of it, made anew each time that it is sent. */
  const opens = ({ page }: Shown, account: string) => {
    const token = page?.kind === 'wechat' ? (page.extraData['apply_permissions_token'] ?? '') : '';
    const opened = wechat.server.permissions.open(token, account);
    if (opened === null) throw new Error('what was given is not taken');
    return () => notify(opened);
  };
  const closes = (account: string) => {
    const closed = wechat.server.permissions.close(account);
    if (closed === null) throw new Error('it was not open');
    return () => notify(closed);
  };
  const notify = async ({ eventType, resource }: { eventType: string; resource: object }) => {
    const { headers, body: payload } = wechat.server.notice(eventType, { ...resource });
    const sent = { method: 'POST', url: '/v1/notices/wechat', headers, payload } as const;
    return (await operator.operator.noticeApi.inject(sent)).statusCode;
  };
  const agreementOf = async (memberId: string) =>
    (await new StoredAccounts(operator.db, operator.clock, 'wechat').find(memberId))?.agreement ?? null;
  const comes = (memberId: string) =>
    operator.authorise(newVisitId(operator.clock.nowMs()), operator.code(memberId));
  const shut = { decision: 'refused', reason: 'account.authentication_required' };

  it('a page that was sent to somebody who shops here already binds nobody to their account', async () => {
    await opens(await ask(victim), 'o-victim')();
    const asked = await ask(thief);
    expect(await opens(asked, 'o-victim')()).toBe(200);
    expect(await comes(thief)).toEqual(shut);
    expect(await agreementOf(thief)).toBeNull();
    expect(await comes(victim)).toMatchObject({ decision: 'allowed' });
    await operator.close();
  });

  it('also where they agree with another merchant by it', async () => {
    const other = new StoredAccounts(operator.db, operator.clock, 'wechat:shanghai');
    await other.put({ memberId: victim, account: 'o-there', agreement: 'valid' });
    expect(await opens(await ask(thief), 'o-there')()).toBe(200);
    expect(await agreementOf(thief)).toBeNull();
    // Whose it is agrees with both.
    await opens(await ask(victim), 'o-there')();
    expect(await agreementOf(victim)).toBe('valid');
    await operator.close();
  });

  it('of two who open theirs by one account at the same moment one has it', async () => {
    const told = [victim, thief].map(async (memberId) => opens(await ask(memberId), 'o-both'));
    const notices = await Promise.all(told);
    await Promise.all(notices.map((tell) => tell()));
    expect((await Promise.all([victim, thief].map(agreementOf))).sort()).toEqual(['valid', null].sort());
    await operator.close();
  });

  it('who has given it up by closing it leaves it to the other alone, whatever is told of it later', async () => {
    await opens(await ask(victim), 'o-moved')();
    operator.clock.jumpWall(60_000);
    inTime();
    await closes('o-moved')();
    operator.clock.jumpWall(60_000);
    inTime();
    const tell = opens(await ask(thief), 'o-moved');
    await tell();
    expect(await agreementOf(thief)).toBe('valid');
    await new StoredAccounts(operator.db, operator.clock, 'wechat').setAgreement('o-moved', 'valid');
    expect(await agreementOf(victim)).toBe('ended');
    await closes('o-moved')();
    expect(await agreementOf(thief)).toBe('ended');
    await operator.close();
  });

  it('an opening that is told after its closing binds nobody anew', async () => {
    await opens(await ask(victim), 'o-late')();
    operator.clock.jumpWall(60_000);
    inTime();
    await closes('o-late')();
    operator.clock.jumpWall(60_000);
    inTime();
    const late = opens(await ask(victim), 'o-late');
    operator.clock.jumpWall(60_000);
    inTime();
    await closes('o-late')();
    expect(await late()).toBe(200);
    expect(await agreementOf(victim)).toBe('ended');
    expect(await comes(victim)).toEqual(shut);
    await operator.close();
  });

  it('a closing that is told after the next opening ends nothing', async () => {
    await opens(await ask(victim), 'o-again')();
    operator.clock.jumpWall(60_000);
    inTime();
    const late = closes('o-again');
    operator.clock.jumpWall(60_000);
    inTime();
    await opens(await ask(victim), 'o-again')();
    expect(await late()).toBe(200);
    expect(await agreementOf(victim)).toBe('valid');
    await operator.close();
  });
});
