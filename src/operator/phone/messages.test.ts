import { expect, it } from 'vitest';
import { phoneBrowser, signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { messageKeptMs } from '../limits.ts';
import { writeToMember } from '../members/messages.ts';
import { readServiceContact } from './address.ts';

onStorage('messages on a phone', (harness) => {
  const write = (memberId: string, text: string) => {
    const { db, clock } = harness();
    const message = { memberId, template: 'free', text, actor: 'anna' } as const;
    return db.transaction((tx) => writeToMember({ db: tx, clock }, message));
  };

  it('are read by their member alone, counted until they were on screen, and gone with their end', async () => {
    const { phone } = await signedInPhone(harness());
    const { phone: other } = await signedInPhone(harness(), 'M1002');
    for (const text of ['one', 'two']) await write('M1001', text);
    expect(await phone.call('session', undefined)).toMatchObject({ value: { unread: 2 } });
    expect(await other.call('session', undefined)).toMatchObject({ value: { unread: 0 } });
    const shown = await phone.call('messages', undefined);
    expect(shown).toMatchObject({ value: { messages: [{ text: 'two', isRead: false }, { text: 'one' }] } });
    expect(JSON.stringify(shown)).not.toContain('anna');
    expect(await other.call('messages', undefined)).toMatchObject({ value: { messages: [] } });
    const messageIds = shown.ok ? shown.value.messages.map(({ messageId }) => messageId) : [];
    // Another member's word about them changes nothing.
    expect(await other.call('readMessages', { messageIds })).toMatchObject({ ok: true });
    expect(await phone.call('session', undefined)).toMatchObject({ value: { unread: 2 } });
    expect(await phone.call('readMessages', { messageIds: messageIds.slice(0, 1) })).toMatchObject({
      ok: true,
    });
    expect(await phone.call('session', undefined)).toMatchObject({ value: { unread: 1 } });
    harness().clock.jumpWall(messageKeptMs + 1);
    const { phone: later } = await signedInPhone(harness());
    expect(await later.call('session', undefined)).toMatchObject({ value: { unread: 0 } });
    expect(await later.call('messages', undefined)).toMatchObject({ value: { messages: [] } });
  });

  it('are nobody else’s to read, and marked by the own page alone', async () => {
    const { phone } = await signedInPhone(harness());
    await write('M1001', 'one');
    const stranger = phoneBrowser(harness());
    const refused = { ok: false, status: 401 };
    expect(await stranger.call('messages', undefined)).toMatchObject(refused);
    expect(await stranger.call('readMessages', { messageIds: [1] })).toMatchObject({ ok: false });
    phone.csrf = null;
    expect(await phone.call('readMessages', { messageIds: [1] })).toMatchObject({ ok: false, status: 403 });
    expect(await phone.call('session', undefined)).toMatchObject({ value: { unread: 1 } });
  });

  it('and whom to ask is told to anybody, where the operator has said it', async () => {
    expect(await phoneBrowser(harness()).call('welcome', undefined)).toMatchObject({
      value: { contact: null },
    });
    const said = harness().restarted({ serviceContact: '400-123-4567' });
    expect(await phoneBrowser(said).call('welcome', undefined)).toMatchObject({
      value: { contact: '400-123-4567' },
    });
    await said.close();
  });
});

it('takes a telephone number or an e-mail address for a contact, and no script', () => {
  for (const good of ['400-123-4567', '+86 10 1234 5678', '95017', 'help@kaimen.example'])
    expect(readServiceContact({ SERVICE_CONTACT: good })).toEqual({ ok: true, value: good });
  expect(readServiceContact({})).toEqual({ ok: true, value: undefined });
  for (const bad of ['', 'ask at the desk', 'javascript:alert(1)', '400-123-4567?', '<b>1234</b>', '12'])
    expect(readServiceContact({ SERVICE_CONTACT: bad })).toMatchObject({ ok: false });
});
