import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import { staffRoles } from '../../shared/console/roles.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { consoleProposalLifeMs } from '../limits.ts';
import { charge, incident, member, refund, staffAct } from '../storage/schema.ts';

onStorage('what people do in the console', (harness) => {
  const people = () => new ConsolePeople(harness());
  const charged = async (heldMinor = 0, priceMinor = 600): Promise<Visit> => {
    const visit = await harness().visit();
    const held = heldMinor === 0 ? [] : [line('C3', heldMinor, 1)];
    const body = chargeBody(visit, {
      lines: heldMinor === 0 ? [line('A1', 350, 2), line('B2', priceMinor, 1)] : [],
      ...{ heldLines: held, review: held.length === 0 ? [] : ['recognition.reader_lost'] },
    });
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    await harness().pass(5_000, 500);
    return visit;
  };
  const report = async ({ chargeId }: Visit, sku: string): Promise<void> => {
    const atMs = harness().clock.nowMs();
    const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
    const { status } = await harness().send('POST', `/v1/charges/${chargeId}/disputes`, {
      disputeId,
      skus: [sku],
      atMs,
    });
    expect(status).toBe(200);
  };
  const decide = (
    { chargeId }: Visit,
    decision: 'debit' | 'waive' | 'deny_dispute' | 'settled',
    amountMinor: number,
  ) => ({ kind: 'decide_charge', chargeId, decision, amountMinor }) as const;
  const reason = 'seen on the video';
  const preview = async (browser: ConsoleBrowser, act: ConsoleAct) => {
    const shown = await browser.call('previewAct', { act, reason });
    assert(shown.ok, shown.ok ? '' : shown.error.message);
    return shown.value;
  };
  const act = async (browser: ConsoleBrowser, wanted: ConsoleAct) => {
    const { version } = await preview(browser, wanted);
    return browser.call('act', { act: wanted, reason, version });
  };
  const acts = () =>
    harness().db.select().from(staffAct).where(eq(staffAct.reason, reason)).orderBy(staffAct.seq);

  it('show what would happen, and do nothing by that', async () => {
    const { browser } = await people().first();
    const visit = await charged(200);
    const before = await harness().chargeRow(visit.chargeId);
    expect(await preview(browser, decide(visit, 'debit', 200))).toMatchObject({
      before: { state: 'needs_attention', dueMinor: 0 },
      after: { state: 'accepted', dueMinor: 200, resolvedHow: 'lines_released' },
      next: 'debit',
      stakeMinor: 200,
      needsSecond: false,
    });
    expect(await harness().chargeRow(visit.chargeId)).toEqual(before);
    expect(await acts()).toEqual([]);
    const shown = await browser.call('previewAct', { act: decide(visit, 'debit', 201), reason });
    expect(shown).toMatchObject({ status: 400 });
  });

  it('release held lines, which are debited then, with who, why, before and after in the log', async () => {
    const { browser } = await people().first();
    const visit = await charged(200);
    expect(await act(browser, decide(visit, 'debit', 200))).toMatchObject({ value: { outcome: 'done' } });
    await harness().untilState(visit.chargeId, 'paid', 60_000);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
    const [done] = await acts();
    expect(done).toMatchObject({ act: 'debit', actor: 'anna', subject: visit.chargeId, agreedBy: null });
    expect(JSON.parse(done?.before ?? '')).toMatchObject({ state: 'needs_attention', heldMinor: 200 });
    expect(JSON.parse(done?.after ?? '')).toMatchObject({ state: 'accepted', approvedMinor: 200 });
  });

  it('refund what was paid, once, and the operator pays it back', async () => {
    const { browser } = await people().first();
    const visit = await charged();
    const wanted = decide(visit, 'waive', 600);
    const { version, next } = await preview(browser, wanted);
    expect(next).toBe('refund');
    const send = () => browser.call('act', { act: wanted, reason, version });
    const both = await Promise.all([send(), send()]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.find(({ ok }) => !ok)).toMatchObject({ status: 409 });
    expect((await harness().chargeRow(visit.chargeId)).refundDueMinor).toBe(700);
    expect(await acts()).toHaveLength(1);
    // Nobody who looks at the page waits for the next of its rounds.
    const paidBack = async () => (await harness().db.select().from(refund))[0]?.state === 'refunded';
    await harness().until(paidBack, 2_000);
  });

  it('let two people decide about one report once', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'support');
    const visit = await charged();
    await report(visit, 'A1');
    const right = decide(visit, 'waive', 600);
    const denied = decide(visit, 'deny_dispute', 1300);
    const [byAnna, byBen] = [await preview(anna.browser, right), await preview(ben.browser, denied)];
    expect(byAnna.version).toBe(byBen.version);
    const first = await anna.browser.call('act', { act: right, reason, version: byAnna.version });
    expect(first).toMatchObject({ ok: true });
    const second = await ben.browser.call('act', { act: denied, reason, version: byBen.version });
    expect(second).toMatchObject({ status: 409, error: { error: 'conflict' } });
    expect(await harness().chargeRow(visit.chargeId)).toMatchObject({
      refundDueMinor: 700,
      contestedMinor: 0,
    });
  });

  it('do nothing where a line was reported since it was seen', async () => {
    const { browser } = await people().first();
    const visit = await charged(200);
    const wanted = decide(visit, 'waive', 0);
    const { version } = await preview(browser, wanted);
    await harness().db.update(charge).set({ approvedMinor: 100 }).where(eq(charge.chargeId, visit.chargeId));
    expect(await browser.call('act', { act: wanted, reason, version })).toMatchObject({ status: 409 });
    expect((await harness().chargeRow(visit.chargeId)).state).toBe('needs_attention');
    expect(await acts()).toEqual([]);
  });

  it('ask for a reason, and a right', async () => {
    const anna = await people().first();
    const visit = await charged(200);
    const wanted = decide(visit, 'waive', 0);
    const { version } = await preview(anna.browser, wanted);
    for (const empty of ['', '  ', 'x'])
      expect(await anna.browser.call('act', { act: wanted, reason: empty, version })).toMatchObject({
        status: 400,
      });
    const auditor = await people().another(anna.browser, 'carla', 'auditor');
    const support = await people().another(anna.browser, 'ben', 'support');
    const finance = await people().another(anna.browser, 'dora', 'finance');
    const may = async ({ browser }: { browser: ConsoleBrowser }, one: ConsoleAct) => {
      const shown = await browser.call('previewAct', { act: one, reason });
      return shown.ok || shown.error.error !== 'forbidden';
    };
    const settled = decide(visit, 'settled', 200);
    const block = { kind: 'block_member', memberId: 'M1001' } as const;
    const wallet = { kind: 'open_wallet', memberId: 'M1001', currency: 'CNY' } as const;
    const table: [ConsoleAct, boolean[]][] = [
      [wanted, [true, true, true, false]],
      [settled, [false, true, true, false]],
      [wallet, [false, true, true, false]],
      [block, [true, false, true, false]],
    ];
    expect(staffRoles).toEqual(['support', 'finance', 'admin', 'auditor']);
    for (const [one, allowed] of table) {
      const found = [];
      for (const somebody of [support, finance, anna, auditor]) found.push(await may(somebody, one));
      expect(found).toEqual(allowed);
    }
  });

  it('take two above the limit: the second one is somebody else, and sees the same', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'finance');
    const eve = await people().another(anna.browser, 'eve', 'support');
    const visit = await charged(20_001);
    const wanted = decide(visit, 'settled', 20_001);
    const shown = await preview(ben.browser, wanted);
    expect(shown).toMatchObject({ needsSecond: true, stakeMinor: 20_001 });
    const { version } = shown;
    const proposed = await ben.browser.call('act', { act: wanted, reason, version });
    assert(proposed.ok && proposed.value.outcome === 'proposed', 'it waits');
    const params = { proposalId: String(proposed.value.proposalId) };
    expect((await harness().chargeRow(visit.chargeId)).state).toBe('needs_attention');
    expect(await anna.browser.call('proposals', undefined)).toMatchObject({
      value: [{ actor: 'ben', stakeMinor: 20_001, version, before: shown.before, after: shown.after }],
    });
    expect(await ben.browser.call('agree', { version }, params)).toMatchObject({ status: 403 });
    expect(await eve.browser.call('agree', { version }, params)).toMatchObject({ status: 403 });
    expect(await anna.browser.call('agree', { version: 'x' }, params)).toMatchObject({ status: 409 });
    expect(await anna.browser.call('agree', { version }, params)).toMatchObject({
      value: { outcome: 'done' },
    });
    expect(await anna.browser.call('agree', { version }, params)).toMatchObject({ status: 409 });
    expect((await harness().chargeRow(visit.chargeId)).state).toBe('paid');
    const [done] = await acts();
    expect(done).toMatchObject({ actor: 'ben', agreedBy: anna.session.accountId });
  });

  it('end what nobody has agreed to, what was refused, and what has changed meanwhile', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'finance');
    const visit = await charged(20_001);
    const wanted = decide(visit, 'settled', 20_001);
    const propose = async () => {
      const { version } = await preview(ben.browser, wanted);
      const proposed = await ben.browser.call('act', { act: wanted, reason, version });
      assert(proposed.ok && proposed.value.outcome === 'proposed', 'it waits');
      return { version, params: { proposalId: String(proposed.value.proposalId) } };
    };
    const refused = await propose();
    expect(await anna.browser.call('refuse', { reason: 'not so' }, refused.params)).toMatchObject({
      ok: true,
    });
    const agreeTo = ({ version, params }: Awaited<ReturnType<typeof propose>>) =>
      anna.browser.call('agree', { version }, params);
    expect(await agreeTo(refused)).toMatchObject({ status: 409 });
    const changed = await propose();
    await harness().db.update(charge).set({ approvedMinor: 1 }).where(eq(charge.chargeId, visit.chargeId));
    expect(await agreeTo(changed)).toMatchObject({ status: 409 });
    // It was not used up by that.
    await harness().db.update(charge).set({ approvedMinor: null }).where(eq(charge.chargeId, visit.chargeId));
    expect(await anna.browser.call('proposals', undefined)).toMatchObject({ value: [{ reason }] });
    harness().clock.skip(consoleProposalLifeMs);
    await anna.browser.signIn(anna.person, people().codeOf(anna.person));
    expect(await anna.browser.call('proposals', undefined)).toMatchObject({ value: [] });
    expect(await agreeTo(changed)).toMatchObject({ status: 409 });
    expect((await harness().chargeRow(visit.chargeId)).state).toBe('needs_attention');
  });

  it('close what is listed, and block a member and let them in again', async () => {
    const { browser } = await people().first();
    const { db } = harness();
    const row = { atMs: 5, kind: 'charge_conflict', cabinetId: 'CAB-1', detail: 'x' } as const;
    const [listed] = await db.insert(incident).values(row).returning();
    const close = { kind: 'close_incident', incidentId: listed?.id ?? 0 } as const;
    expect(await act(browser, close)).toMatchObject({ ok: true });
    expect((await db.select().from(incident))[0]).toMatchObject({ actor: 'anna', resolution: reason });
    const standing = async () =>
      (await db.select().from(member).where(eq(member.memberId, 'M1001')))[0]?.standing;
    expect(await act(browser, { kind: 'block_member', memberId: 'M1001' })).toMatchObject({ ok: true });
    expect(await standing()).toBe('suspended');
    const twice = await browser.call('previewAct', {
      act: { kind: 'block_member', memberId: 'M1001' },
      reason,
    });
    expect(twice).toMatchObject({ status: 409 });
    expect(await act(browser, { kind: 'unblock_member', memberId: 'M1001' })).toMatchObject({ ok: true });
    expect(await standing()).toBe('active');
    const log = await browser.call('log', undefined, { subject: 'member:M1001' });
    expect(log).toMatchObject({ value: { items: [{ act: 'unblock_member' }, { act: 'block_member' }] } });
    expect(await browser.call('checkLog', undefined)).toMatchObject({ value: { brokenAt: null } });
  });

  it('take lists away as files in which no text is a formula, where that is allowed', async () => {
    const anna = await people().first();
    const support = await people().another(anna.browser, 'ben', 'support');
    const { db } = harness();
    const texts = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', 'a "b", c'];
    const row = { atMs: 5, kind: 'charge_conflict', cabinetId: 'CAB-1' } as const;
    await db.insert(incident).values(texts.map((detail) => ({ ...row, detail })));
    const file = await anna.browser.raw('GET', '/api/queue.csv');
    expect(file.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' });
    const rows = file.body.split('\r\n').slice(1, -2);
    expect(rows).toHaveLength(texts.length);
    expect(file.body).toContain(`\r\nin all: ${texts.length},`);
    for (const begin of ['=1', '+1', '-1', '@x', '\tx', '\rx']) expect(file.body).toContain(`'${begin}`);
    expect(rows.at(-1)).toContain('"a ""b"", c"');
    await charged();
    expect((await anna.browser.raw('GET', '/api/charges.csv?goods=A1')).body.split('\r\n')).toHaveLength(4);
    expect((await anna.browser.raw('GET', '/api/charges.csv?phone=x')).statusCode).toBe(400);
    expect((await support.browser.raw('GET', '/api/queue.csv')).statusCode).toBe(403);
    expect((await people().browser().raw('GET', '/api/queue.csv')).statusCode).toBe(401);
  });
});
