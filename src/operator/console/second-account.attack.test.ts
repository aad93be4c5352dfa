import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { StaffRole } from '../../shared/console/roles.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { confirmOnServer } from '../staff/confirmation.ts';

onStorage('an administrator with a second account of their own', (harness) => {
  const people = () => new ConsolePeople(harness());
  const reason = 'new here';
  /** Somebody whom this administrator says they have invited; nobody else has looked. */
  const invited = async (admin: ConsoleBrowser, name: string, role: StaffRole) => {
    const given = await admin.call('invite', { name, role, reason });
    assert(given.ok, 'the invitation is made');
    return people().accept(people().browser(), given.value.token, name);
  };
  /** An act above the limit, before the others. */
  const proposedBy = async (browser: ConsoleBrowser, memberId = 'M1001') => {
    const operator = harness();
    const visit = await operator.visit(memberId);
    const heldLines = [line('C3', 60_000, 1)];
    const body = chargeBody(visit, { lines: [], heldLines, review: ['recognition.reader_lost'] });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    const { chargeId } = visit;
    const act = { kind: 'decide_charge', chargeId, decision: 'waive', amountMinor: 0 } as const;
    const shown = await browser.call('previewAct', { act, reason });
    assert(shown.ok, 'it is shown');
    const { version } = shown.value;
    const done = await browser.call('act', { act, reason, version });
    assert(done.ok && done.value.outcome === 'proposed', 'it waits');
    const params = { proposalId: String(done.value.proposalId) };
    return (second: ConsoleBrowser) => second.call('agree', { version }, params);
  };
  const confirm = async (browser: ConsoleBrowser, accountId: string) =>
    browser.call('confirmAccount', { reason, version: await browser.seenVersion(accountId) }, { accountId });

  it('agrees with nothing by it, and with nothing that it proposes', async () => {
    const anna = await people().first();
    const second = await invited(anna.browser, 'second', 'finance');
    const third = await invited(anna.browser, 'third', 'admin');
    const byAnna = await proposedBy(anna.browser);
    expect(await byAnna(second.browser)).toMatchObject({ status: 403 });
    expect(await byAnna(third.browser)).toMatchObject({ status: 403 });
    const bySecond = await proposedBy(second.browser, 'M1002');
    expect(await bySecond(anna.browser)).toMatchObject({ status: 403 });
    expect(await bySecond(third.browser)).toMatchObject({ status: 403 });
    // Nor does one of them help the other.
    const { accountId } = second.session;
    expect(await confirm(anna.browser, accountId)).toMatchObject({ status: 403 });
    expect(await confirm(third.browser, accountId)).toMatchObject({ status: 403 });
    expect(await confirm(second.browser, accountId)).toMatchObject({ status: 403 });
  });

  it('is changed by whoever has seen it as it is: of two at once the later looks again', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'admin');
    const carl = await invited(anna.browser, 'carl', 'support');
    const of = { accountId: carl.session.accountId };
    // Ben looks at carl, a supporter, and is about to confirm him; meanwhile anna makes him somebody who moves money.
    const version = await ben.browser.seenVersion(of.accountId);
    const role = { role: 'finance', reason, version } as const;
    expect(await anna.browser.call('changeRole', role, of)).toMatchObject({ ok: true });
    const later = { reason, version };
    for (const done of [
      ben.browser.call('confirmAccount', later, of),
      ben.browser.call('resetAccount', later, of),
      ben.browser.call('disableAccount', later, of),
      ben.browser.call('changeRole', { ...later, role: 'auditor' }, of),
    ])
      expect(await done).toMatchObject({ status: 409 });
    expect(await ben.browser.call('staff', undefined)).toMatchObject({
      value: expect.arrayContaining([
        expect.objectContaining({ ...of, role: 'finance', state: 'active', counts: false }),
      ]) as unknown,
    });
    expect(await confirm(ben.browser, of.accountId)).toMatchObject({ ok: true });
  });

  it('a second administrator whom the server has let in confirms who is somebody else', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'admin');
    const carl = await invited(anna.browser, 'carl', 'finance');
    const { accountId } = carl.session;
    const byAnna = await proposedBy(anna.browser);
    expect(await byAnna(carl.browser)).toMatchObject({ status: 403 });
    expect(await confirm(ben.browser, accountId)).toMatchObject({ ok: true });
    const listed = await ben.browser.call('staff', undefined);
    assert(listed.ok, 'the accounts are listed');
    expect(listed.value.map(({ name, counts }) => [name, counts])).toEqual([
      ['anna', true],
      ['ben', true],
      ['carl', true],
    ]);
    expect(await byAnna(carl.browser)).toMatchObject({ ok: true });
  });

  it.each(['a reset', 'another role'] as const)(
    '%s by an administrator makes it theirs again',
    async (how) => {
      const anna = await people().first();
      const ben = await people().another(anna.browser, 'ben', 'admin');
      const carl = await people().another(anna.browser, 'carl', 'finance');
      const { accountId } = carl.session;
      const byAnna = await proposedBy(anna.browser);
      let { browser } = carl;
      if (how === 'a reset') {
        const version = await anna.browser.seenVersion(accountId);
        const given = await anna.browser.call('resetAccount', { reason, version }, { accountId });
        assert(given.ok, 'a new token');
        // Nobody has come in with it: there is nobody to confirm.
        expect(await confirm(ben.browser, accountId)).toMatchObject({ status: 409 });
        ({ browser } = await people().accept(people().browser(), given.value.token, 'carl'));
      } else {
        const said = { role: 'admin', reason, version: await anna.browser.seenVersion(accountId) } as const;
        expect(await anna.browser.call('changeRole', said, { accountId })).toMatchObject({ ok: true });
        expect(await browser.signIn(carl.person, people().codeOf(carl.person, 1))).toMatchObject({
          ok: true,
        });
      }
      expect(await byAnna(browser)).toMatchObject({ status: 403 });
      expect(await confirm(anna.browser, accountId)).toMatchObject({ status: 403 });
      expect(await confirm(ben.browser, accountId)).toMatchObject({ ok: true });
      expect(await byAnna(browser)).toMatchObject({ ok: true });
    },
  );

  it('confirms nobody whom that account has made: there is one person behind all of them', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'admin');
    const carl = await people().another(anna.browser, 'carl', 'finance');
    const second = await invited(anna.browser, 'second', 'admin');
    const third = await invited(second.browser, 'third', 'finance');
    const byAnna = await proposedBy(anna.browser);
    expect(await confirm(anna.browser, third.session.accountId)).toMatchObject({ status: 403 });
    expect(await byAnna(third.browser)).toMatchObject({ status: 403 });
    // Nor whom it has reset.
    const { accountId } = carl.session;
    const version = await second.browser.seenVersion(accountId);
    const given = await second.browser.call('resetAccount', { reason, version }, { accountId });
    assert(given.ok, 'a new token');
    const taken = await people().accept(people().browser(), given.value.token, 'carl');
    expect(await confirm(anna.browser, accountId)).toMatchObject({ status: 403 });
    expect(await byAnna(taken.browser)).toMatchObject({ status: 403 });
    // Somebody else may look who it is.
    expect(await confirm(ben.browser, accountId)).toMatchObject({ ok: true });
    expect(await byAnna(taken.browser)).toMatchObject({ ok: true });
  });

  it('is still theirs when another administrator gives it a role', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'admin');
    const second = await invited(anna.browser, 'second', 'support');
    const { accountId } = second.session;
    const said = { role: 'finance', reason, version: await ben.browser.seenVersion(accountId) } as const;
    expect(await ben.browser.call('changeRole', said, { accountId })).toMatchObject({ ok: true });
    expect(await confirm(anna.browser, accountId)).toMatchObject({ status: 403 });
    expect(await confirm(ben.browser, accountId)).toMatchObject({ ok: true });
  });

  it('the server confirms nobody who is not there', async () => {
    const anna = await people().first();
    const given = await anna.browser.call('invite', { name: 'ben', role: 'admin', reason });
    assert(given.ok, 'the invitation is made');
    const said = { by: 'the host', reason };
    expect(await confirmOnServer(harness().operator.staff, { name: 'ben', ...said })).toMatchObject({
      ok: false,
      error: { code: 'conflict' },
    });
    expect(await confirmOnServer(harness().operator.staff, { name: 'nobody', ...said })).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    });
  });
});
