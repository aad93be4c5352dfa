import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { photoMaxBytes, photoSideMaxPixels, photosOfReportMax } from '../../shared/phone/calls.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { PhoneBrowser } from '../../testkit/operator/phone-browser.ts';
import { signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { dispute, incident, reportPhoto } from '../storage/schema.ts';
import { photosOfDayMax } from './limits.ts';

const notFound = { ok: false, status: 404, error: { error: 'not_found' } };
const disputeId = (operator: OperatorHarness) =>
  makeDisputeId(operator.clock.nowMs(), systemRandom.bytes(idRandomByteCount));

/** This member has bought two A1 and a B2, and paid 13.00. */
async function bought(operator: OperatorHarness, memberId = 'M1001') {
  const visit = await operator.visit(memberId);
  const body = chargeBody(visit);
  const sent = await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
  expect(sent.status).toBe(200);
  await operator.untilState(visit.chargeId, 'paid', 60_000);
  return visit;
}

/** The least of a JPEG that says how large it is. */
function jpeg(width = 640, height = 480, more = 0): Uint8Array<ArrayBuffer> {
  const head = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108', 'hex');
  const size = Buffer.alloc(4);
  size.writeUInt16BE(height, 0);
  size.writeUInt16BE(width, 2);
  return new Uint8Array(Buffer.concat([head, size, Buffer.alloc(16 + more)]));
}
const add = (phone: PhoneBrowser, chargeId: string, bytes: Uint8Array<ArrayBuffer>) =>
  phone.call('addPhoto', bytes, { chargeId });

onStorage('purchases on a phone', (harness) => {
  it('tells of a purchase what the cabinet’s screen tells, and of nobody else’s anything', async () => {
    const operator = harness();
    const [{ phone }, other] = [await signedInPhone(operator), await signedInPhone(operator, 'M1002')];
    const { chargeId } = await bought(operator);
    const one = {
      chargeId,
      ref: chargeId.slice(-8),
      told: { status: 'paid', amountMinor: 1_300, when: null },
    };
    expect(await phone.call('purchases', undefined)).toMatchObject({ value: { purchases: [one] } });
    expect(await phone.call('purchase', undefined, { chargeId })).toMatchObject({
      value: { ...one, mayReport: true, photosLeft: photosOfReportMax, payUrl: null },
    });
    expect(await other.phone.call('purchases', undefined)).toMatchObject({ value: { purchases: [] } });
    expect(await other.phone.call('purchase', undefined, { chargeId })).toMatchObject(notFound);
    const report = { disputeId: disputeId(operator), skus: ['A1'] };
    expect(await other.phone.call('reportPurchase', report, { chargeId })).toMatchObject(notFound);
    expect(await operator.db.select().from(dispute)).toEqual([]);
  });

  it('takes a report once, with words; the same again is the same, another one under its number is none', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const { chargeId } = await bought(operator);
    const report = { disputeId: disputeId(operator), skus: ['A1'], text: '没拿这个' };
    const send = (body: typeof report) => operator.during(phone.call('reportPurchase', body, { chargeId }));
    const told = { disputed: ['A1'], mayReport: false, told: { report: 'afterPaid', when: 'working_days' } };
    expect(await send(report)).toMatchObject({ value: told });
    expect(await send(report)).toMatchObject({ value: told });
    expect(await send({ ...report, skus: ['A1', 'B2'] })).toMatchObject({ status: 409 });
    expect(await send({ ...report, disputeId: disputeId(operator), skus: ['nothing'] })).toMatchObject({
      ok: false,
    });
    expect(await operator.db.select().from(dispute)).toHaveLength(1);
    // A member who makes numbers up fills no list of people.
    expect((await operator.db.select().from(incident)).map(({ kind }) => kind)).not.toContain(
      'dispute_conflict',
    );
  });

  it('counts a report of which only the words were kept, as the first try broke off', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const { chargeId } = await bought(operator);
    const report = { disputeId: disputeId(operator), skus: ['A1'], text: '没拿这个' };
    const send = () => operator.during(phone.call('reportPurchase', report, { chargeId }));
    // The database takes the words, and then nothing more.
    await operator.db.execute(sql`create function break_off() returns trigger language plpgsql
      as $$ begin raise exception 'broken off'; end $$`);
    await operator.db.execute(sql`create trigger break_off before insert on dispute
      for each row execute function break_off()`);
    expect(await send()).toMatchObject({ status: 500 });
    await operator.db.execute(sql`drop function break_off cascade`);
    for (let i = 0; i < 2; i++) expect(await send()).toMatchObject({ value: { disputed: ['A1'] } });
    expect(await operator.db.select().from(dispute)).toHaveLength(1);
  });

  it('keeps pictures of what is reported, and nothing that is none, too large, too much or not theirs', async () => {
    const operator = harness();
    const [{ phone }, other] = [await signedInPhone(operator), await signedInPhone(operator, 'M1002')];
    const { chargeId } = await bought(operator);
    expect(await add(phone, chargeId, jpeg())).toMatchObject({ status: 409 });
    const report = { disputeId: disputeId(operator), skus: ['A1'] };
    await operator.during(phone.call('reportPurchase', report, { chargeId }));
    expect(await add(other.phone, chargeId, jpeg())).toMatchObject(notFound);
    for (const bytes of [
      new Uint8Array(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>')),
      new Uint8Array(Buffer.from('GIF89a')),
      new Uint8Array(Buffer.from('<html>')),
      new Uint8Array([0xff, 0xd8, 0xff]),
      jpeg(0, 10),
      new Uint8Array(0),
    ])
      expect(await add(phone, chargeId, bytes)).toMatchObject({ status: 400 });
    for (const bytes of [jpeg(photoSideMaxPixels + 1, 10), jpeg(10, 65_535), jpeg(64, 64, photoMaxBytes)])
      expect(await add(phone, chargeId, bytes)).toMatchObject({ status: 413 });
    for (let i = 1; i <= photosOfReportMax; i++)
      expect(await add(phone, chargeId, jpeg(100 + i))).toEqual({
        ok: true,
        value: { photosLeft: photosOfReportMax - i },
      });
    // The same again takes no more room.
    expect(await add(phone, chargeId, jpeg(101))).toMatchObject({ ok: true, value: { photosLeft: 0 } });
    expect(await add(phone, chargeId, jpeg(200))).toMatchObject({ status: 409 });
    // Only staff is given them, as something to save.
    const people = new ConsolePeople(operator);
    const { browser } = await people.first();
    const reports = await browser.call('reports', undefined, { chargeId });
    expect(reports).toMatchObject({
      value: { words: [{ text: '' }], photos: [{ contentType: 'image/jpeg' }, {}, {}] },
    });
    const photoId = reports.ok ? reports.value.photos[0]?.photoId : undefined;
    const photo = `/api/photos/${photoId}`;
    expect((await phone.raw('GET', photo)).statusCode).toBe(404);
    expect((await people.browser().raw('GET', photo)).statusCode).toBe(401);
    const given = await browser.raw('GET', photo);
    expect(given.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${chargeId}-${photoId}.jpg"`,
      'x-content-type-options': 'nosniff',
    });
    expect(given.rawPayload.equals(Buffer.from(jpeg(101)))).toBe(true);
    const kept = await operator.db.select().from(reportPhoto).where(eq(reportPhoto.chargeId, chargeId));
    expect(kept).toHaveLength(photosOfReportMax);
    expect(Buffer.from(kept[0]?.bytes ?? []).equals(Buffer.from(jpeg(101)))).toBe(true);
  });

  it('keeps so many pictures of one member in a day', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const { chargeId } = await bought(operator);
    const report = { disputeId: disputeId(operator), skus: ['A1'] };
    await operator.during(phone.call('reportPurchase', report, { chargeId }));
    const old = { memberId: 'M1001', contentType: 'image/jpeg', bytes: jpeg(), hash: '' } as const;
    const atMs = operator.clock.nowMs();
    const { chargeId: elsewhere } = await bought(operator);
    await operator.db.insert(reportPhoto).values(
      Array.from({ length: photosOfDayMax }, (_, i) => ({
        ...old,
        chargeId: elsewhere,
        hash: String(i),
        atMs,
      })),
    );
    expect(await add(phone, chargeId, jpeg())).toMatchObject({ status: 429 });
  });

  it('of each member alone: where they agree, and where their face is kept, which goes at a word', async () => {
    const operator = harness();
    const [{ phone }, other] = [await signedInPhone(operator), await signedInPhone(operator, 'M1002')];
    await operator.enrolFace('M1001');
    const face = { cabinetId: 'CAB-1', state: 'kept' };
    expect(await phone.call('faces', undefined)).toMatchObject({ value: { faces: [face] } });
    expect(await other.phone.call('withdrawFaces', { cabinetId: null })).toMatchObject({
      value: { faces: [] },
    });
    expect(await phone.call('faces', undefined)).toMatchObject({ value: { faces: [face] } });
    expect(await phone.call('withdrawFaces', { cabinetId: 'CAB-1' })).toMatchObject({
      value: { faces: [{ cabinetId: 'CAB-1', state: 'leaving' }] },
    });
    expect(await phone.call('agreements', undefined)).toMatchObject({
      value: { agreements: [{ provider: 'fake', isCurrent: true, maySignUp: false, ends: null }] },
    });
    expect(await phone.call('signUp', {}, { provider: 'fake' })).toMatchObject({ status: 409 });
    expect(await phone.call('setLanguage', { language: 'en' })).toMatchObject({ ok: true });
    expect(await phone.call('session', undefined)).toMatchObject({ value: { language: 'en' } });
    expect(await other.phone.call('session', undefined)).toMatchObject({ value: { language: null } });
  });
});
