import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { csrfHeader } from '../../shared/util/page-call.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { difference, incident, member, staffAccount, staffAct } from '../storage/schema.ts';
import { openWallet } from '../support/wallet.ts';

onStorage('somebody who would rather do it alone', (harness) => {
  const people = () => new ConsolePeople(harness());
  const reason = 'seen on the video';
  /** Waits for people: with this much on the bill, and this much held. */
  const waiting = async (billedMinor: number, heldMinor: number): Promise<Visit> => {
    const visit = await harness().visit();
    const body = chargeBody(visit, {
      lines: billedMinor === 0 ? [] : [line('B2', billedMinor, 1)],
      heldLines: [line('C3', heldMinor, 1)],
      review: ['recognition.reader_lost'],
    });
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    return visit;
  };
  const decide = (
    { chargeId }: Visit,
    decision: 'debit' | 'waive' | 'settled' | 'debited',
    amountMinor: number,
  ) => ({ kind: 'decide_charge', chargeId, decision, amountMinor }) as const;
  const preview = async (browser: ConsoleBrowser, wanted: ConsoleAct) => {
    const shown = await browser.call('previewAct', { act: wanted, reason });
    assert(shown.ok, shown.ok ? '' : shown.error.message);
    return shown.value;
  };
  const act = async (browser: ConsoleBrowser, wanted: ConsoleAct) => {
    const { version } = await preview(browser, wanted);
    return browser.call('act', { act: wanted, reason, version });
  };
  const proposed = { value: { outcome: 'proposed' } };

  it('lets no large sum go by asking for a little of it', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'support');
    const visit = await waiting(0, 60_000);
    for (const wanted of [decide(visit, 'debit', 1), decide(visit, 'waive', 0)])
      expect(await preview(ben.browser, wanted)).toMatchObject({ needsSecond: true });
    expect(await preview(anna.browser, decide(visit, 'settled', 0))).toMatchObject({ needsSecond: true });
  });

  it('nor says alone of a charge that nobody has seen what it comes to', async () => {
    const { browser } = await people().first();
    const { chargeId } = await harness().visit();
    const early = { ...decide({ chargeId } as Visit, 'waive', 0), cabinetId: 'CAB-1' };
    expect(await act(browser, early)).toMatchObject(proposed);
  });

  it('nor says alone that a large sum has gone back', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'finance');
    const eve = await people().another(anna.browser, 'eve', 'support');
    const row = {
      atMs: 5,
      kind: 'refund_due',
      cabinetId: 'CAB-1',
      detail: 'x',
      amountMinor: 20_001,
    } as const;
    const [listed] = await harness().db.insert(incident).values(row).returning();
    const wanted = { kind: 'close_incident', incidentId: listed?.id ?? 0 } as const;
    const { version } = await preview(ben.browser, wanted);
    const done = await ben.browser.call('act', { act: wanted, reason, version });
    assert(done.ok && done.value.outcome === 'proposed', 'it waits');
    const params = { proposalId: String(done.value.proposalId) };
    // Who may not close it may not agree, either.
    expect(await eve.browser.call('agree', { version }, params)).toMatchObject({ status: 403 });
    expect(await anna.browser.call('agree', { version }, params)).toMatchObject({ ok: true });
  });

  /** Debited as it came: so many of B2, of 6.00 each, beside two of A1, of 3.50. */
  const paid = async (count: number): Promise<Visit> => {
    const visit = await harness().visit();
    const body = chargeBody(visit, { lines: [line('A1', 350, 2), line('B2', 600, count)] });
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    await harness().untilState(visit.chargeId, 'paid', 60_000);
    return visit;
  };

  it('nor says alone, or without the right, that a large sum has gone back, by a decision', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'finance');
    const eve = await people().another(anna.browser, 'eve', 'support');
    const visit = await paid(40);
    const atMs = harness().clock.nowMs();
    const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
    const report = { disputeId, skus: ['B2'], atMs };
    await harness().send('POST', `/v1/charges/${visit.chargeId}/disputes`, report);
    // All of it stays paid, though 240.00 are due back: those have gone back by hand.
    const byHand = decide(visit, 'waive', 24_700);
    expect(await eve.browser.call('previewAct', { act: byHand, reason })).toMatchObject({ status: 403 });
    expect(await preview(ben.browser, byHand)).toMatchObject({ stakeMinor: 24_000, needsSecond: true });
    expect(await act(ben.browser, byHand)).toMatchObject(proposed);
    // To agree with the report is what support is for; above the limit two do.
    expect(await preview(eve.browser, decide(visit, 'waive', 700))).toMatchObject({ needsSecond: true });
  });

  it('nor ends alone what is collected of a large sum by saying that a little of it was debited', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'finance');
    const held = await waiting(0, 60_000);
    expect(await preview(ben.browser, decide(held, 'debited', 1))).toMatchObject({ needsSecond: true });
  });

  it('nor says alone that a large difference with a provider’s bill is right', async () => {
    const { browser } = await people().first();
    const row = {
      key: 'k',
      provider: 'fake',
      merchant: 'm',
      day: '2026-01-01',
      kind: 'paid_here_not_there',
    } as const;
    const seen = {
      cause: 'not_in_bill',
      owner: 'finance',
      currency: 'CNY',
      foundAtMs: 5,
      seenAtMs: 5,
    } as const;
    const stakes = [
      [20_001, null, false, proposed],
      [null, 20_001, false, proposed],
      [50_000, 29_000, false, proposed],
      [50_000, 49_000, false, { ok: true }],
      [20_001, null, true, { ok: true }],
    ] as const;
    for (const [index, [hereMinor, thereMinor, isGone, answer]] of stakes.entries()) {
      const one = { ...row, ...seen, key: `k${index}`, orderId: `o${index}`, hereMinor, thereMinor, isGone };
      const [listed] = await harness().db.insert(difference).values(one).returning();
      const wanted = { kind: 'close_difference', differenceId: listed?.id ?? 0, state: 'explained' } as const;
      expect(await act(browser, wanted)).toMatchObject(answer);
    }
  });

  it('nor does it in parts, one after the other or side by side, about one member or many', async () => {
    const { browser, person } = await people().first();
    const { db, clock } = harness();
    const parts = { db, clock };
    const memberIds = ['M1001', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7'];
    for (const memberId of memberIds) {
      const row = {
        memberId,
        display: 'x',
        provider: 'fake',
        standing: 'active',
        owedElsewhereMinor: 0,
        note: '',
      } as const;
      await db.insert(member).values(row).onConflictDoNothing();
      expect(await openWallet(parts, memberId, { currency: 'CNY' })).toMatchObject({ ok: true });
    }
    const topUp = (memberId: string, reference: string) =>
      ({ kind: 'top_up_wallet', memberId, currency: 'CNY', amountMinor: 15_000, reference }) as const;
    const wanted = async (one: ConsoleAct) => {
      const { version } = await preview(browser, one);
      return () => browser.call('act', { act: one, reason, version });
    };
    const isDone = { value: { outcome: 'done' } };
    expect(await act(browser, topUp('M1001', 'r1'))).toMatchObject(isDone);
    expect(await act(browser, topUp('M1001', 'r2'))).toMatchObject(proposed);
    const back = { ...topUp('M1001', 'r3'), kind: 'adjust_wallet', amountMinor: -15_000 } as const;
    expect(await act(browser, back)).toMatchObject(proposed);
    const sends = [];
    for (const memberId of memberIds.slice(1)) sends.push(await wanted(topUp(memberId, `of-${memberId}`)));
    const answers = await Promise.all(sends.map((send) => send()));
    expect(answers.filter((one) => one.ok && one.value.outcome === 'done')).toHaveLength(5);
    clock.skip(86_400_000);
    await browser.signIn(person, people().codeOf(person));
    expect(await act(browser, topUp('M1001', 'r4'))).toMatchObject(isDone);
  });

  it('nor with a second account of their own', async () => {
    const anna = await people().first();
    const given = await anna.browser.call('invite', { name: 'second', role: 'finance', reason });
    assert(given.ok, 'the invitation is made');
    const second = await people().accept(people().browser(), given.value.token, 'second');
    expect(await openWallet(harness(), 'M1001', { currency: 'CNY' })).toMatchObject({ ok: true });
    const of = { kind: 'top_up_wallet', memberId: 'M1001', currency: 'CNY', amountMinor: 15_000 } as const;
    const topUp = (reference: string) => ({ ...of, reference });
    expect(await act(anna.browser, topUp('r1'))).toMatchObject({ value: { outcome: 'done' } });
    expect(await act(second.browser, topUp('r2'))).toMatchObject(proposed);
  });

  it('decides about the charge of the cabinet that is named, and about no other under its number', async () => {
    const { browser } = await people().first();
    const visit = await waiting(0, 200);
    const shown = await preview(browser, { ...decide(visit, 'waive', 0), cabinetId: 'CAB-2' });
    expect(shown).toMatchObject({
      before: { arrived: false, decided: [] },
      after: { decided: [{ cabinetId: 'CAB-2', decision: 'waive' }] },
    });
  });

  /** Sends all but the body, says when it was let in, and ends once told to. */
  const slowly = ({ headers, cookies, csrf }: ConsoleBrowser, url: string, body: object) => {
    let letIn: () => void = () => undefined;
    const isLetIn = new Promise<void>((resolve) => {
      letIn = resolve;
    });
    const payload = new Readable({ read: () => letIn() });
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const answer = harness().operator.consoleApi.inject({
      ...{ method: 'POST', url, payload },
      headers: {
        ...{ ...headers, cookie, [csrfHeader]: csrf ?? '' },
        ...{ 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      },
    });
    const end = async () => {
      payload.push(JSON.stringify(body));
      payload.push(null);
      return (await answer).statusCode;
    };
    return { isLetIn, end };
  };

  it('does nothing more once the account is disabled, or the password another, however slowly it is sent', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'admin');
    const visit = await waiting(0, 200);
    const wanted = decide(visit, 'waive', 0);
    const { version } = await preview(ben.browser, wanted);
    const acting = slowly(ben.browser, '/api/acts', { act: wanted, reason, version });
    const inviting = slowly(ben.browser, '/api/staff', { name: 'eve', role: 'admin', reason: 'my way back' });
    const undoing = slowly(ben.browser, `/api/staff/${anna.session.accountId}/disable`, {
      ...{ reason, version: await ben.browser.seenVersion(anna.session.accountId) },
    });
    const letting = slowly(ben.browser, '/api/cabinets/CAB-9/token', { reason, version: '' });
    const place = { zh: '别处', en: 'elsewhere' };
    const placing = slowly(ben.browser, '/api/cabinets/CAB-1/place', {
      ...{ place, at: null, reason, version: '' },
    });
    const slow = [acting, inviting, undoing, letting, placing];
    await Promise.all(slow.map(({ isLetIn }) => isLetIn));
    const ofBen = { accountId: ben.session.accountId };
    const left = { reason: 'has left', version: await anna.browser.seenVersion(ofBen.accountId) };
    expect(await anna.browser.call('disableAccount', left, ofBen)).toMatchObject({ ok: true });
    for (const one of slow) expect(await one.end()).toBe(401);
    expect((await harness().chargeRow(visit.chargeId)).state).toBe('needs_attention');
    expect(await harness().db.select().from(staffAccount).where(eq(staffAccount.name, 'eve'))).toEqual([]);
    // With a cookie that was stolen before the password was changed.
    const late = slowly(anna.browser, '/api/acts', { act: wanted, reason, version });
    await late.isLetIn;
    harness().clock.skip(90_000);
    const { password } = anna.person;
    const change = { password, next: 'another long password', code: people().codeOf(anna.person) };
    expect(await anna.browser.call('changePassword', change)).toMatchObject({ ok: true });
    expect(await late.end()).toBe(401);
    expect(await harness().db.select().from(staffAct).where(eq(staffAct.act, 'waive'))).toEqual([]);
  });
});
