import { expect, it } from 'vitest';
import { type StateReport, stateReportSchema } from '../../shared/model/state-report.schema.ts';
import { makeCabinet, signedHeaders } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { cabinetState } from '../storage/schema.ts';
import { silentAfterMs } from './cabinet-states.ts';

const path = '/v1/state-report';
const report = (over: Partial<StateReport> = {}): StateReport => ({
  ...{ version: '0.1.0', state: 'available', reason: null, sinceMs: 5 },
  devices: [{ id: 'lock-1', kind: 'lock', trouble: null, sinceMs: 5 }],
  ...{ temperature: null, undelivered: { count: 0, oldestMs: null }, ...over },
});

onStorage('how a cabinet is', (harness) => {
  const put = (body: unknown, cabinet = harness().cabinet) => harness().send('PUT', path, body, cabinet);
  const asked = async () => {
    const { browser } = await new ConsolePeople(harness()).first();
    return async () => {
      const { cabinetId } = harness().cabinet;
      const listed = await browser.call('cabinets', undefined);
      const one = await browser.call('cabinet', undefined, { cabinetId });
      const now = listed.ok ? listed.value.find((known) => known.cabinetId === cabinetId)?.now : undefined;
      return { now, said: one.ok ? one.value.said : undefined };
    };
  };

  it('is what it said last, in the list and by itself; until then nothing', async () => {
    const ask = await asked();
    expect(await ask()).toEqual({ now: null, said: null });
    expect((await put(report())).status).toBe(204);
    expect(await ask()).toMatchObject({ now: { state: 'available', troubleCount: 0, isSilent: false } });
    await harness().clock.advance(1_000);
    const temperature = {
      milliC: 9_000,
      maxMilliC: 6_000,
      isSpoilt: true,
      dayMinMilliC: 2_000,
      dayMaxMilliC: 9_000,
    };
    const devices = [{ id: 'lock-1', kind: 'lock', trouble: 'device.timeout', sinceMs: 6 }];
    const worse = report({ state: 'outOfService', reason: 'too_warm', temperature, devices });
    expect((await put(worse)).status).toBe(204);
    const heardAtMs = harness().clock.nowMs();
    expect(await ask()).toMatchObject({
      now: {
        state: 'outOfService',
        reason: 'too_warm',
        troubleCount: 1,
        milliC: 9_000,
        isSpoilt: true,
        heardAtMs,
      },
      said: { ...worse, heardAtMs, isSilent: false },
    });
  });

  it('is said to be of long ago once nothing more is heard', async () => {
    const ask = await asked();
    await put(report());
    await harness().clock.advance(silentAfterMs);
    expect(await ask()).toMatchObject({ now: { isSilent: false }, said: { isSilent: false } });
    await harness().clock.advance(1);
    expect(await ask()).toMatchObject({ now: { isSilent: true }, said: { isSilent: true } });
  });

  it('is no older word that comes late, and no word of somebody else', async () => {
    const ask = await asked();
    await put(report({ version: 'newer' }));
    const body = JSON.stringify(report({ version: 'older' }));
    const timestampMs = harness().clock.nowMs() - 5_000;
    const headers = signedHeaders(harness().cabinet, { method: 'PUT', path, body, timestampMs });
    const late = await harness().raw({ method: 'PUT', url: path, headers, payload: body });
    expect(late.status).toBe(409);
    expect((await put(report(), makeCabinet('CAB-9'))).status).toBe(401);
    expect(await ask()).toMatchObject({ said: { version: 'newer' } });
  });

  it('keeps a word that nobody knows yet, refuses what has no bound, and lists what cannot be read', async () => {
    const ask = await asked();
    const newer = report({ state: 'outOfService', reason: 'a_newer_reason' });
    expect((await put(newer)).status).toBe(204);
    expect(await ask()).toMatchObject({ now: { reason: 'a_newer_reason' } });
    const many = Array.from({ length: 33 }, (_none, i) => ({
      ...{ id: `d-${i}`, kind: 'lock', trouble: null, sinceMs: null },
    }));
    for (const wrong of [{ ...report(), devices: many }, { ...report(), version: 'x'.repeat(41) }, {}]) {
      expect(stateReportSchema.safeParse(wrong).success).toBe(false);
      expect((await put(wrong)).status).toBe(400);
    }
    await harness().db.update(cabinetState).set({ body: '{"state":"of a program that was put back"}' });
    expect(await ask()).toEqual({ now: null, said: null });
  });
});
