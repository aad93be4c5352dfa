import { expect, it } from 'vitest';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** A whole number, and no calendar has such a moment: whoever writes it as a date fails. */
const never = Number.MAX_SAFE_INTEGER;

onStorage('whoever has stolen a cabinet’s key', (harness) => {
  it.each(['openedAtMs', 'closedAtMs'])(
    'ends the list of charges for all of the console by one %s',
    async (name) => {
      const { browser } = await new ConsolePeople(harness()).first();
      const nowMs = harness().clock.nowMs();
      const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs), memberId: 'M1001' };
      const visit = { ...ids, cabinetId: harness().cabinet.cabinetId };
      const body = { ...chargeBody(visit, { lines: [line('E5', 700, 1)] }), [name]: never };
      const sent = harness().send('PUT', `/v1/charges/${ids.chargeId}`, body);
      expect((await harness().during(sent, 50)).status).toBe(400);
      const file = await browser.raw('GET', '/api/charges.csv');
      expect(file.body).toContain('in all: 0');
      const listed = await browser.call('search', undefined);
      for (const one of listed.ok ? listed.value.items : [])
        expect(() => new Date(one[name as 'openedAtMs']).toISOString()).not.toThrow();
    },
  );

  const temperature = null;
  const devices = [{ id: 'lock-1', kind: 'lock', trouble: 'bolt', sinceMs: 5 }];
  const state = { version: '1', state: 'available', reason: null, sinceMs: 5, devices, temperature };
  const undelivered = { count: 1, oldestMs: 5 };
  const alarm = { kind: 'device_fault', visitId: null, detail: 'x' };
  it.each<[string, 'PUT' | 'POST', string, object]>([
    ['since when it is as it is', 'PUT', '/v1/state-report', { ...state, undelivered, sinceMs: never }],
    [
      'since when a device is',
      'PUT',
      '/v1/state-report',
      { ...state, undelivered, devices: [{ ...devices[0], sinceMs: never }] },
    ],
    [
      'its oldest charge',
      'PUT',
      '/v1/state-report',
      { ...state, undelivered: { count: 1, oldestMs: -never } },
    ],
    ['an alarm', 'POST', '/v1/alarms', { ...alarm, atMs: never }],
  ])('is not believed about %s at a moment that is none', async (_, method, path, body) => {
    expect((await harness().send(method, path, body)).status).toBe(400);
  });
});
