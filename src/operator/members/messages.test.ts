import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { messageKeptMs, messagesOfMemberDayMax } from '../limits.ts';
import { Retention } from '../storage/retention.ts';
import { memberMessage, staffAct } from '../storage/schema.ts';
import { markRead, messagesOf } from './messages.ts';

onStorage('what is written to a member', (harness) => {
  const reason = 'she has asked';
  type Message = Extract<ConsoleAct, { kind: 'message_member' }>;
  const messageTo = (memberId: string, more: Partial<Message> = {}): Message => ({
    ...({ kind: 'message_member', template: 'free', text: '您好，款项已退回。' } as const),
    memberId,
    ...more,
  });
  const anna = async (): Promise<ConsoleBrowser> => (await new ConsolePeople(harness()).first()).browser;
  const versionOf = async (browser: ConsoleBrowser, act: ConsoleAct): Promise<string> => {
    const shown = await browser.call('previewAct', { act, reason });
    assert(shown.ok, shown.ok ? '' : shown.error.message);
    return shown.value.version;
  };
  const send = async (browser: ConsoleBrowser, act: ConsoleAct) =>
    browser.call('act', { act, reason, version: await versionOf(browser, act) });
  const read = (memberId: string) => messagesOf(harness(), memberId);

  it('is read by that member alone, once it is sent, and is read or not', async () => {
    const browser = await anna();
    await versionOf(browser, messageTo('M1001'));
    expect(await read('M1001')).toEqual([]);
    expect(await send(browser, messageTo('M1001'))).toMatchObject({ value: { outcome: 'done' } });
    await send(browser, messageTo('M1001', { template: 'sorry', text: '' }));
    await send(browser, messageTo('M1002'));
    const [newest, older] = await read('M1001');
    expect(newest).toMatchObject({ template: 'sorry', text: '', isRead: false });
    expect(older).toMatchObject({
      template: 'free',
      text: '您好，款项已退回。',
      isRead: false,
      chargeId: null,
    });
    expect(JSON.stringify(newest)).not.toContain('anna');
    const ids = [older?.messageId ?? 0];
    // Nobody marks what is another's.
    await markRead(harness(), 'M1002', ids);
    expect((await read('M1001')).map(({ isRead }) => isRead)).toEqual([false, false]);
    await markRead(harness(), 'M1001', ids);
    expect((await read('M1001')).map(({ isRead }) => isRead)).toEqual([false, true]);
    expect((await read('M1002')).map(({ isRead }) => isRead)).toEqual([false]);
    const [, logged] = await harness().db.select().from(staffAct).orderBy(staffAct.seq);
    expect(logged).toMatchObject({ act: 'message_member', actor: 'anna', subject: 'member:M1001', reason });
    expect(JSON.parse(logged?.after ?? '')).toMatchObject({ lastMessage: { text: '您好，款项已退回。' } });
  });

  it('is sent once, however often somebody presses', async () => {
    const browser = await anna();
    const act = messageTo('M1001');
    const version = await versionOf(browser, act);
    const press = () => browser.call('act', { act, reason, version });
    const all = await Promise.all([press(), press(), press()]);
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(all.filter((one) => !one.ok && one.status === 409)).toHaveLength(2);
    expect(await read('M1001')).toHaveLength(1);
  });

  it('may be about a purchase of theirs, in whose story it stands', async () => {
    const browser = await anna();
    const visit = await harness().visit();
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    const about = { template: 'looked_at', text: '', chargeId: visit.chargeId } as const;
    expect(await send(browser, messageTo('M1001', about))).toMatchObject({ ok: true });
    expect(await read('M1001')).toMatchObject([{ chargeId: visit.chargeId }]);
    const story = await browser.call('story', undefined, { chargeId: visit.chargeId });
    assert(story.ok, 'it is told');
    expect(story.value.entries).toContainEqual(
      expect.objectContaining({ type: 'notice', what: 'message_looked_at', actor: 'anna' }),
    );
    const strange = await browser.call('previewAct', { act: messageTo('M1002', about), reason });
    expect(strange).toMatchObject({ status: 400 });
  });

  it('may be about a visit without a bill, and stands in its story before and after the bill has come', async () => {
    const browser = await anna();
    const visit = await harness().visit();
    const { cabinetId, visitId, chargeId } = visit;
    const about = { text: '我们在核实。', visit: { cabinetId, visitId } };
    expect(await send(browser, messageTo('M1001', about))).toMatchObject({ ok: true });
    await send(browser, messageTo('M1001', { text: 'of nothing in particular' }));
    const written = { type: 'notice', what: 'message_free', detail: '我们在核实。', actor: 'anna' };
    const ofVisit = await browser.call('visitStory', undefined, { cabinetId, visitId });
    assert(ofVisit.ok, 'it is told');
    expect(ofVisit.value.entries.map(({ type }) => type)).toEqual(['admission', 'notice']);
    expect(ofVisit.value.entries[1]).toMatchObject(written);
    await harness().during(harness().send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit)), 50);
    const ofCharge = await browser.call('story', undefined, { chargeId });
    assert(ofCharge.ok, 'it is told');
    const notices = ofCharge.value.entries.filter(({ what }) => what.startsWith('message_'));
    expect(notices).toEqual([expect.objectContaining(written)]);
    // Nobody is told of another's visit, or of one that was not.
    const theirs = messageTo('M1002', about);
    expect(await browser.call('previewAct', { act: theirs, reason })).toMatchObject({ status: 400 });
    const nowhere = messageTo('M1001', { visit: { cabinetId: 'CAB-9', visitId } });
    expect(await browser.call('previewAct', { act: nowhere, reason })).toMatchObject({ status: 400 });
    const noStory = await browser.call('visitStory', undefined, { cabinetId: 'CAB-9', visitId });
    expect(noStory).toMatchObject({ status: 404 });
  });

  it('ends, and is removed then', async () => {
    const browser = await anna();
    await send(browser, messageTo('M1001'));
    const { db, clock } = harness();
    clock.jumpWall(messageKeptMs + 1);
    expect(await read('M1001')).toEqual([]);
    const retention = new Retention({
      ...{ db, clock, logger: silentLogger, isTimeSure: () => true, isEmbedded: false },
    });
    await retention.removeOld();
    expect(await db.select().from(memberMessage)).toEqual([]);
  });

  it('is bounded, is words alone, and is written by whoever may', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const finance = await people.another(browser, 'dora', 'finance');
    const statusOf = async (act: ConsoleAct, who = browser) => {
      const shown = await who.call('previewAct', { act, reason });
      return shown.ok ? 200 : shown.status;
    };
    expect(await statusOf(messageTo('M1001', { text: 'x'.repeat(501) }))).toBe(400);
    for (const text of ['\u202Eneppo', 'a\0b', 'a\uD800b', 'a\u200Bb', ' '])
      expect(await statusOf(messageTo('M1001', { text }))).toBe(400);
    expect(await statusOf(messageTo('M1001', { text: 'two\nlines' }))).toBe(200);
    expect(await statusOf(messageTo('M9999'))).toBe(404);
    expect(await statusOf(messageTo('M1001'), finance.browser)).toBe(403);
    for (let i = 0; i < messagesOfMemberDayMax; i++) await send(browser, messageTo('M1001'));
    expect(await statusOf(messageTo('M1001'))).toBe(409);
    harness().clock.jumpWall(25 * 3_600_000);
    expect(await read('M1001')).toHaveLength(messagesOfMemberDayMax);
  });
});
