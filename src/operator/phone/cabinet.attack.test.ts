import { sign } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign } from '../../core/identity/cabinet-code.ts';
import { cabinetCodeLifetimeMs } from '../../shared/model/cabinet-code.ts';
import { makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { cabinetCodeGraceMs } from '../limits.ts';
import { cabinet, qrSignIn } from '../storage/schema.ts';
import { cabinetCodeWithoutPositionMs, cabinetFarM } from './limits.ts';
import { distanceM } from './places.ts';

const showing = 'AAAAAAA2';
const place = { zh: '南京西路 1 号', en: '1 West Nanjing Road' };
const here = { latitude: 31.2304, longitude: 121.4737 };
const accepted = { ok: true, value: { accepted: true, cabinetId: 'CAB-1' } };
const refused = (reason: string) => ({ ok: true, value: { accepted: false, reason } });

/** The QR on this cabinet's screen, which has just appeared. */
function shown(operator: OperatorHarness, of = operator.cabinet, signer = of, turn = showing): string {
  const expiresAtS = Math.floor((operator.clock.nowMs() + cabinetCodeLifetimeMs) / 1000);
  const signed = cabinetCodeToSign({ cabinetId: of.cabinetId, expiresAtS, showing: turn });
  const signature = sign(null, Buffer.from(signed), signer.privateKey);
  return cabinetCodeText('https://m.example/m/c#', signed, signature);
}
const nextAt = async (operator: OperatorHarness) => {
  const asked = await operator.send('POST', '/v1/claims/next', { showing, waitMs: 0 });
  return (asked.body as { code: string | null }).code;
};
const stand = (operator: OperatorHarness) =>
  operator.db
    .update(cabinet)
    .set({ place: JSON.stringify(place), ...here })
    .where(eq(cabinet.cabinetId, 'CAB-1'));

onStorage('a cabinet and a phone before it', (harness) => {
  it('names the cabinet first, and opens it after a yes: once, with the member’s own code', async () => {
    const operator = harness();
    await stand(operator);
    const { phone } = await signedInPhone(operator);
    const text = shown(operator);
    const looked = await phone.call('lookCabinet', { text });
    expect(looked).toMatchObject({ value: { opens: true, cabinetId: 'CAB-1', place, asksPosition: true } });
    // To look is no yes.
    expect(await operator.db.select().from(qrSignIn)).toEqual([]);
    expect(await phone.call('openCabinet', { text, cabinetId: 'CAB-1' })).toEqual(accepted);
    const code = await nextAt(operator);
    expect(await operator.authorise(newVisitId(operator.clock.nowMs()), code ?? '')).toMatchObject({
      decision: 'allowed',
      member: { memberId: 'M1001' },
    });
  });

  it('is told where its codes lead a phone to, where the operator has said so', async () => {
    const operator = harness();
    const healthOf = async (of: OperatorHarness) => (await of.send('GET', '/v1/health')).body;
    expect(await healthOf(operator)).not.toHaveProperty('phonePage');
    const restarted = operator.restarted({ phoneAddress: () => 'https://m.example' });
    expect(await healthOf(restarted)).toMatchObject({ phonePage: 'https://m.example/m/' });
    await restarted.close();
  });

  it('shows a code of its own, good once, and for a face one that opens no door', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const made = await phone.call('memberCode', {});
    const code = made.ok ? made.value.code : '';
    const enter = () => operator.authorise(newVisitId(operator.clock.nowMs()), code);
    expect(await enter()).toMatchObject({ decision: 'allowed', member: { memberId: 'M1001' } });
    expect(await enter()).toMatchObject({ reason: 'account.code_replayed' });
    const enrol = await phone.call('memberCode', { purpose: 'enrol' });
    expect(
      await operator.authorise(newVisitId(operator.clock.nowMs()), enrol.ok ? enrol.value.code : ''),
    ).toMatchObject({ decision: 'refused' });
  });

  it('refuses a code that is old, forged, a stranger’s or none, or that somebody else was first at', async () => {
    const operator = harness();
    const [{ phone }, other] = [await signedInPhone(operator), await signedInPhone(operator, 'M1002')];
    const both = async (text: string) => {
      const looked = await phone.call('lookCabinet', { text });
      const opened = await phone.call('openCabinet', { text, cabinetId: 'CAB-1' });
      expect(looked.ok && !looked.value.opens && looked.value.reason).toBe(
        opened.ok && !opened.value.accepted && opened.value.reason,
      );
      return opened;
    };
    expect(await both('https://m.example/m/c#nothing')).toEqual(refused('malformed'));
    expect(await both(shown(operator, makeCabinet('CAB-9')))).toEqual(refused('unknown_cabinet'));
    expect(await both(shown(operator, operator.cabinet, makeCabinet('CAB-1')))).toEqual(refused('forged'));
    const old = shown(operator);
    operator.clock.jumpWall(cabinetCodeLifetimeMs + cabinetCodeGraceMs + 1_000);
    expect(await both(old)).toEqual(refused('expired'));
    const text = shown(operator);
    expect(await other.phone.call('openCabinet', { text, cabinetId: 'CAB-1' })).toEqual(accepted);
    expect(await both(text)).toEqual(refused('used'));
    expect(await nextAt(operator)).toMatch(/^KM1\.M1002\./);
  });

  it('opens no other cabinet than the one that the page has named: a code put in between is refused', async () => {
    const operator = harness();
    const second = makeCabinet('CAB-2');
    await operator.enrol(second);
    const { phone } = await signedInPhone(operator);
    const text = shown(operator, second);
    expect(await phone.call('openCabinet', { text, cabinetId: 'CAB-1' })).toEqual(refused('other_cabinet'));
    expect(await operator.db.select().from(qrSignIn)).toEqual([]);
  });

  it('refuses a code that was sent on to a phone that is far away, however it reckons its error', async () => {
    const operator = harness();
    await stand(operator);
    const { phone } = await signedInPhone(operator);
    const open = (position: { latitude: number; longitude: number; accuracyM: number }) =>
      phone.call('openCabinet', { text: shown(operator), cabinetId: 'CAB-1', position });
    const away = { latitude: 39.9042, longitude: 116.4074 };
    expect(await open({ ...away, accuracyM: 20 })).toEqual(refused('too_far'));
    expect(await open({ ...away, accuracyM: 100_000 })).toEqual(refused('too_far'));
    const near = { latitude: here.latitude + 0.002, longitude: here.longitude };
    expect(distanceM(here, near)).toBeLessThan(cabinetFarM);
    expect(await open({ ...near, accuracyM: 20 })).toEqual(accepted);
  });

  it('without a position takes a code for a shorter time; where nobody knows the place, as long as ever', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const open = (text: string, position: { accuracyM: number } | null) =>
      phone.call('openCabinet', {
        text,
        cabinetId: 'CAB-1',
        position: position === null ? null : { ...here, ...position },
      });
    const unplaced = shown(operator, operator.cabinet, operator.cabinet, 'BBBBBBB3');
    operator.clock.jumpWall(cabinetCodeWithoutPositionMs + 2_000);
    expect(await open(unplaced, null)).toEqual(accepted);
    await stand(operator);
    const text = shown(operator);
    operator.clock.jumpWall(cabinetCodeWithoutPositionMs + 2_000);
    expect(await open(text, null)).toEqual(refused('expired'));
    expect(await open(text, { accuracyM: 30 })).toEqual(accepted);
  });
});
