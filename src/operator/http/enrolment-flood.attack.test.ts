import { expect, it, vi } from 'vitest';
import { signatureHeaders } from '../../shared/api/signing.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { holdBodies } from '../../testkit/operator/held-bodies.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import { unprovenBodies } from '../limits.ts';

const url = '/v1/cabinets/enrol';

onStorage('a stranger behind a cabinet’s address', (harness) => {
  it('does not keep it from enrolling while he enrols nobody once a second', async () => {
    const operator = harness();
    const stranger = () => {
      const payload = {
        cabinetId: 'CAB-0',
        token: 'x'.repeat(32),
        publicKey: makeCabinet('CAB-0').publicKey,
      };
      return operator.raw({ method: 'POST', url, payload });
    };
    const { cabinetId, publicKey } = makeCabinet('CAB-7');
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId);
    const payload = { cabinetId, token, publicKey };
    for (let i = 0; i < 30; i++) await stranger();
    const statuses = new Set<number>();
    // As the cabinet does: every five seconds, for minutes.
    for (let i = 0; i < 40 && !statuses.has(204); i++) {
      for (let s = 0; s < 5; s++) {
        await operator.pass(1_000, 1_000);
        await stranger();
        await stranger();
      }
      statuses.add((await operator.raw({ method: 'POST', url, payload })).status);
    }
    expect([...statuses]).toContain(204);
  });

  it('does not keep it from enrolling while he names it, with tokens of his own', async () => {
    const operator = harness();
    const { cabinetId, publicKey } = makeCabinet('CAB-7');
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId);
    const enrol = (given: string) =>
      operator.raw({ method: 'POST', url, payload: { cabinetId, token: given, publicKey } });
    const statuses: number[] = [];
    for (let i = 0; i < 100; i++) statuses.push((await enrol('x'.repeat(32))).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await enrol(token)).status).toBe(204);
    // The answer may have been lost.
    expect((await enrol(token)).status).toBe(204);
    expect((await enrol('x'.repeat(32))).status).toBe(429);
  });

  it('does not keep it from enrolling while he holds all bodies of the address that he never sends', async () => {
    const operator = harness();
    await operator.app.listen({ port: 0, host: '127.0.0.1' });
    const head = [`POST ${url} HTTP/1.1`, 'host: x', 'content-length: 200'];
    const held = holdBodies(operator.app, () => head, unprovenBodies.ofOne.countMax + 8);
    const { cabinetId, publicKey } = makeCabinet('CAB-7');
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId);
    const payload = { cabinetId, token, publicKey };
    await vi.waitFor(() => expect(held.refusedCount()).toBeGreaterThan(4), { timeout: 50_000 });
    const headers = { [signatureHeaders.cabinet]: cabinetId };
    expect((await operator.raw({ method: 'POST', url, payload, headers })).status).toBe(204);
    held.end();
  });

  it('does not keep it from enrolling with bodies in its name that he never sends', async () => {
    const operator = harness();
    await operator.app.listen({ port: 0, host: '127.0.0.1' });
    const { cabinetId, publicKey } = makeCabinet('CAB-7');
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId);
    const headers = { [signatureHeaders.cabinet]: cabinetId };
    const head = [`POST ${url} HTTP/1.1`, 'host: x', `${signatureHeaders.cabinet}: ${cabinetId}`];
    const count = 2 * unprovenBodies.ofOne.countMax + 16;
    const held = holdBodies(operator.app, () => [...head, 'content-length: 200'], count);
    await vi.waitFor(() => expect(held.refusedCount()).toBeGreaterThan(8), { timeout: 50_000 });
    const payload = { cabinetId, token, publicKey };
    const statuses: number[] = [];
    for (let i = 0; i < 20 && !statuses.includes(204); i++)
      statuses.push((await operator.raw({ method: 'POST', url, payload, headers })).status);
    held.end();
    expect(statuses).toContain(204);
  });
});
