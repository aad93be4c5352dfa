import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { consoleProposalLifeMs, consoleProposalsOfOneMax } from '../limits.ts';
import { staffProposal } from '../storage/schema.ts';

onStorage('what waits for a second person', (harness) => {
  const people = () => new ConsolePeople(harness());
  /** An act above the limit, ready to be sent. */
  const large = async (browser: ConsoleBrowser, memberId: string) => {
    const operator = harness();
    const visit = await operator.visit(memberId);
    const heldLines = [line('C3', 60_000, 1)];
    const body = chargeBody(visit, { lines: [], heldLines, review: ['recognition.reader_lost'] });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    const { chargeId } = visit;
    const act = { kind: 'decide_charge', chargeId, decision: 'waive', amountMinor: 0 } as const;
    const shown = await browser.call('previewAct', { act, reason: 'seen on the video' });
    assert(shown.ok, JSON.stringify(shown));
    const { version } = shown.value;
    return () => browser.call('act', { act, reason: 'seen on the video', version });
  };

  it('is there once, however often it is sent', async () => {
    const { browser } = await people().first();
    const send = await large(browser, 'M1001');
    for (const done of await Promise.all([send(), send(), send()]))
      expect(done).toMatchObject({ ok: true, value: { outcome: 'proposed' } });
    const waiting = await browser.call('proposals', undefined);
    expect(waiting.ok && waiting.value).toHaveLength(1);
  });

  it('has room for the others, whoever proposes without end', async () => {
    const anna = await people().first();
    const ben = await people().another(anna.browser, 'ben', 'support');
    const madeAtMs = harness().clock.nowMs();
    const row = {
      ...{ accountId: ben.session.accountId, actor: 'ben', reason: 'x', version: 'x', stakeMinor: 1 },
      ...{ act: '{"kind":"put_goods","number":1}', before: '{}', after: '{}' },
      state: 'open',
      ...{ madeAtMs, endsAtMs: madeAtMs + consoleProposalLifeMs },
    } as const;
    await harness()
      .db.insert(staffProposal)
      .values(Array.from({ length: consoleProposalsOfOneMax }, () => row));
    expect(await (await large(ben.browser, 'M1001'))()).toMatchObject({ status: 429 });
    expect(await (await large(anna.browser, 'M1002'))()).toMatchObject({ value: { outcome: 'proposed' } });
  });
});
