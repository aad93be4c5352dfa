import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { bodyDigestHeader } from '../../shared/api/signing.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { chargeBody, makeCabinet, newChargeId, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { holdBodies } from '../../testkit/operator/held-bodies.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import { provenBodies, unprovenBodies } from '../limits.ts';
import { Authenticator } from './authenticator.ts';

const patience = { timeout: 30_000, interval: 5 };
afterEach(() => vi.restoreAllMocks());

/** The database says who a sender is only after the release; how many it was asked about, and has answered. */
function heldDatabase(): { asked: number; answered: number; release: () => void } {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { check } = Authenticator.prototype;
  const database = { asked: 0, answered: 0, release: (): void => undefined };
  const held = new Promise<void>((resolve) => {
    database.release = resolve;
  });
  vi.spyOn(Authenticator.prototype, 'check').mockImplementation(async function (
    this: Authenticator,
    ...args
  ) {
    database.asked += 1;
    await held;
    return check.call(this, ...args).finally(() => (database.answered += 1));
  });
  return database;
}

/** Sends each head; the connection is gone before the database has answered. */
async function cutEach(operator: OperatorHarness, heads: readonly (readonly string[])[]): Promise<void> {
  const [address] = operator.app.addresses() as AddressInfo[];
  const connections = promisify(operator.app.server.getConnections.bind(operator.app.server));
  const database = heldDatabase();
  for (const [i, head] of heads.entries()) {
    const socket: Socket = connect(address!.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await vi.waitFor(() => expect(database.asked).toBe(i + 1), patience);
    socket.resetAndDestroy();
  }
  await vi.waitFor(async () => expect(await connections()).toBe(0), patience);
  database.release();
  await vi.waitFor(() => expect(database.answered).toBe(heads.length), patience);
  vi.restoreAllMocks();
  await operator.pass(60_000, 1_000);
}

const headOf = (method: string, path: string, headers: Record<string, string>, length: number) => [
  `${method} ${path} HTTP/1.1`,
  'host: x',
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  `content-length: ${length}`,
];

onStorage('connections that are cut while their head is looked at', (harness) => {
  it('a cabinet with a bad network does not shut itself out for ever: its charge is taken', async () => {
    const operator = harness();
    await operator.app.listen({ port: 0, host: '127.0.0.1' });
    const visit = await operator.visit();
    const path = `/v1/charges/${visit.chargeId}`;
    const body = JSON.stringify(chargeBody(visit));
    const heads = Array.from({ length: provenBodies.ofOne.countMax + 8 }, () => {
      const timestampMs = operator.clock.nowMs();
      const headers = signedHeaders(operator.cabinet, { method: 'PUT', path, body, timestampMs });
      return headOf('PUT', path, headers, Buffer.byteLength(body));
    });
    await cutEach(operator, heads);
    expect(await operator.send('PUT', path, body)).toMatchObject({ status: 200 });
  });

  it('a stranger without any key does not shut out enrolment at his address for ever', async () => {
    const operator = harness();
    await operator.app.listen({ port: 0, host: '127.0.0.1' });
    // The name of a cabinet and the time are enough: without a digest no signature is looked at before the body.
    const stranger = makeCabinet(operator.cabinet.cabinetId);
    const heads = Array.from({ length: unprovenBodies.ofOne.countMax + 8 }, (_, i) => {
      const path = `/v1/charges/${newChargeId(i + 1)}`;
      const timestampMs = operator.clock.nowMs();
      const signed = signedHeaders(stranger, { method: 'PUT', path, body: 'x', timestampMs });
      const headers = Object.fromEntries(
        Object.entries(signed).filter(([name]) => name !== bodyDigestHeader),
      );
      return headOf('PUT', path, headers, 1_000);
    });
    await cutEach(operator, heads);
    const { cabinetId, publicKey } = makeCabinet('CAB-7');
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId);
    const payload = { cabinetId, token, publicKey };
    const answer = await operator.raw({ method: 'POST', url: '/v1/cabinets/enrol', payload });
    expect(answer).toMatchObject({ status: 204 });
  });
});

onStorage('bodies that never come', (harness) => {
  /** A charge of the harness's cabinet, of which only the head is sent, again and again; then the charge itself. */
  const chargeBesideThem = async (
    operator: OperatorHarness,
    withDigest: boolean,
    signer: TestCabinet,
    count: number,
  ) => {
    await operator.app.listen({ port: 0, host: '127.0.0.1' });
    const visit = await operator.visit();
    const path = `/v1/charges/${visit.chargeId}`;
    const body = JSON.stringify(chargeBody(visit));
    const signed = (cabinet: TestCabinet): Record<string, string> => {
      const headers = signedHeaders(cabinet, {
        method: 'PUT',
        path,
        body,
        timestampMs: operator.clock.nowMs(),
      });
      return Object.fromEntries(
        Object.entries(headers).filter(([name]) => withDigest || name !== bodyDigestHeader),
      );
    };
    const held = holdBodies(
      operator.app,
      () => headOf('PUT', path, signed(signer), Buffer.byteLength(body)),
      count,
    );
    await vi.waitFor(() => expect(held.refusedCount()).toBeGreaterThan(4), { timeout: 50_000 });
    const statuses: number[] = [];
    for (let i = 0; i < 20 && !statuses.includes(200); i++) {
      const headers = signed(operator.cabinet);
      statuses.push((await operator.raw({ method: 'PUT', url: path, headers, payload: body })).status);
    }
    held.end();
    return statuses;
  };

  it('keep no charge of a cabinet from before away, whoever holds them in its name', async () => {
    const operator = harness();
    const stranger = makeCabinet(operator.cabinet.cabinetId);
    const count = 2 * unprovenBodies.ofOne.countMax + 16;
    expect(await chargeBesideThem(operator, false, stranger, count)).toContain(200);
  });

  it('of a cabinet with a bad network keep its own next one away from nothing', async () => {
    const operator = harness();
    const count = provenBodies.ofOne.countMax + 8;
    expect(await chargeBesideThem(operator, true, operator.cabinet, count)).toContain(200);
  });
});
