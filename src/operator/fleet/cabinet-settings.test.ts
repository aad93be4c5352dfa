import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { desiredStateWaitMaxMs, nothingKnown } from '../../shared/api/desired-state.schema.ts';
import { cabinetSettingNames } from '../../shared/model/cabinet-settings.ts';
import { type SettingsReport, settingsOrderSchema } from '../../shared/model/settings-order.schema.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { type ConsoleBrowser, ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { cabinetSettings, staffAct } from '../storage/schema.ts';

onStorage('the settings of a cabinet', (harness) => {
  const reason = 'too loud at night';
  const cabinetId = (): string => harness().cabinet.cabinetId;
  const admin = async () => (await new ConsolePeople(harness()).first()).browser;
  const said: SettingsReport = {
    ...{ version: 4, values: { soundPercent: 100, servicePhone: '000' }, waiting: [], versions: [] },
    ...{ knows: [...cabinetSettingNames], answer: null },
  };
  const report = async (over: Partial<SettingsReport> = {}) => {
    await harness().clock.advance(1_000);
    return harness().send('PUT', '/v1/settings-report', { ...said, ...over }, harness().cabinet);
  };
  const order = (browser: ConsoleBrowser, changes: object, seenVersion = 4) =>
    browser.call('orderSettings', { changes, seenVersion, reason }, { cabinetId: cabinetId() });
  const told = () => harness().send('GET', '/v1/cabinet-settings', undefined, harness().cabinet);
  const shown = async (browser: ConsoleBrowser) => {
    const answer = await browser.call('cabinetSettings', undefined, { cabinetId: cabinetId() });
    assert(answer.ok, 'it is shown');
    return answer.value;
  };

  it('are ordered for that cabinet alone, on record, and told to it at once', async () => {
    const [browser, other] = [await admin(), makeCabinet('CAB-2')];
    await harness().enrol(other);
    expect((await report()).status).toBe(204);
    expect((await told()).status).toBe(404);
    const known = (
      (
        await harness().during(
          harness().send(
            'POST',
            '/v1/desired-state',
            { waitMs: desiredStateWaitMaxMs, known: nothingKnown, inForce: null },
            harness().cabinet,
          ),
        )
      ).body as { marks: typeof nothingKnown }
    ).marks;
    expect(await order(browser, { soundPercent: 30 })).toMatchObject({ ok: true });
    const sent = await told();
    expect(settingsOrderSchema.parse(sent.body)).toMatchObject({
      ...{ cabinetId: cabinetId(), seenVersion: 4, by: 'anna', changes: { soundPercent: 30 } },
    });
    expect((await harness().send('GET', '/v1/cabinet-settings', undefined, other)).status).toBe(404);
    const again = await harness().during(
      harness().send(
        'POST',
        '/v1/desired-state',
        { waitMs: desiredStateWaitMaxMs, known, inForce: null },
        harness().cabinet,
      ),
    );
    const { marks } = again.body as { marks: typeof nothingKnown };
    expect(marks.cabinetSettings).not.toBe(known.cabinetSettings);
    const [act] = await harness().db.select().from(staffAct).where(eq(staffAct.act, 'settings_order'));
    expect(act).toMatchObject({ actor: 'anna', reason, subject: `cabinet:${cabinetId()}` });
    expect(await shown(browser)).toMatchObject({ order: { state: 'waits' } });
  });

  it('say what became of an order: done, left to whoever changed it there, refused', async () => {
    const browser = await admin();
    await report();
    await order(browser, { soundPercent: 30, servicePhone: '110' });
    const { version } = settingsOrderSchema.parse((await told()).body);
    const answer = { version, done: ['soundPercent'], left: ['servicePhone'], refused: null };
    await report({ version: 6, answer });
    expect(await shown(browser)).toMatchObject({ order: { state: 'done', left: ['servicePhone'] } });
    await report({ version: 6, answer: { ...answer, done: [], left: [], refused: 'settings: camera' } });
    expect(await shown(browser)).toMatchObject({ order: { state: 'refused', refused: 'settings: camera' } });
  });

  it('that a program does not know are not offered, not taken, and not sent', async () => {
    const browser = await admin();
    expect(await order(browser, { soundPercent: 30 }), 'it has said nothing').toMatchObject({ status: 409 });
    await report({ knows: ['soundPercent', 'ofNewerProgram'] });
    expect((await shown(browser)).fields).toHaveLength(1);
    expect(await order(browser, { servicePhone: '110' })).toMatchObject({ status: 409 });
    expect(await order(browser, { soundPercent: 30 })).toMatchObject({ ok: true });
    // It goes back to the program before.
    await report({ knows: [] });
    expect((await told()).status).toBe(404);
    expect(await shown(browser)).toMatchObject({ order: { state: 'unknown_there' } });
    await report();
    expect((await told()).status).toBe(200);
  });

  it('that a program does not know any more do not keep back what is ordered after them', async () => {
    const browser = await admin();
    await report();
    await order(browser, { servicePhone: '110', language: 'en' });
    await report({ knows: ['soundPercent', 'language'] });
    expect(await order(browser, { soundPercent: 30 })).toMatchObject({ ok: true });
    expect((await told()).body).toMatchObject({ changes: { soundPercent: 30, language: 'en' } });
  });

  it('of a form that was drawn before they changed are not ordered', async () => {
    const browser = await admin();
    await report({ version: 7 });
    expect(await order(browser, { soundPercent: 30 }, 4)).toMatchObject({ status: 409 });
    expect(await harness().db.$count(cabinetSettings)).toBe(0);
  });

  it('that were ordered and not fetched go with the next order, as they were seen; not after 30 days', async () => {
    const people = new ConsolePeople(harness());
    const { browser, person } = await people.first();
    await report();
    await order(browser, { soundPercent: 30, language: 'en' });
    await report({ version: 5 });
    await order(browser, { soundPercent: 40 }, 5);
    const sent = settingsOrderSchema.parse((await told()).body);
    expect(sent).toMatchObject({ seenVersion: 4, changes: { soundPercent: 40, language: 'en' } });
    await harness().clock.advance(30 * 86_400_000);
    expect((await told()).status).toBe(404);
    expect((await browser.signIn(person, people.codeOf(person))).ok).toBe(true);
    expect(await shown(browser)).toMatchObject({ order: { state: 'ended' } });
    await report({ version: 5 });
    await order(browser, { servicePhone: '110' }, 5);
    expect(settingsOrderSchema.parse((await told()).body).changes).toEqual({ servicePhone: '110' });
  });

  it.each([
    ['where the operator is', { operatorUrl: 'https://evil.example' }],
    ['where the code leads', { shopperUrl: 'https://evil.example' }],
    ['values out of bounds', { soundPercent: 101 }],
    ['nothing', {}],
  ])('cannot be %s', async (_, changes) => {
    const browser = await admin();
    await report();
    expect(await order(browser, changes)).toMatchObject({ status: 400 });
    expect(await harness().db.$count(cabinetSettings)).toBe(0);
  });

  it('are for administrators, of a cabinet that there is; the newest orders are kept', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const other = await people.another(browser, 'ben', 'support');
    await report();
    expect(await order(other.browser, { soundPercent: 30 })).toMatchObject({ status: 403 });
    const nowhere = { cabinetId: 'CAB-9' };
    const body = { changes: { soundPercent: 30 }, seenVersion: 4, reason };
    expect(await browser.call('orderSettings', body, nowhere)).toMatchObject({ status: 404 });
    for (let i = 1; i <= 23; i++) expect((await order(browser, { soundPercent: i })).ok).toBe(true);
    expect(await harness().db.$count(cabinetSettings)).toBe(20);
    expect(settingsOrderSchema.parse((await told()).body).changes).toEqual({ soundPercent: 23 });
  });
});
