import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { signatureHeaders } from '../../shared/api/signing.ts';
import { chargeBody, makeCabinet, newChargeId, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import {
  failedProofsOfAddress,
  failedProofsOfAll,
  failedProofsOfCabinetInNetwork,
  provenBodies,
  requestsOfCabinet,
  requestReceiveTimeoutMs,
} from '../limits.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** A request of which the attacker sends only so much as he likes; `answer` is all that came back so far. */
interface Attack {
  readonly socket: Socket;
  answer: string;
  readonly answered: Promise<string>;
}

async function attack(operator: OperatorHarness, head: readonly string[], body = ''): Promise<Attack> {
  const [address] = operator.app.addresses() as AddressInfo[];
  const socket = connect(address!.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const made: { answer: string; answered?: Promise<string> } = { answer: '' };
  made.answered = new Promise((resolve) => {
    socket.on('data', (chunk) => {
      made.answer += chunk.toString();
      if (made.answer.includes('\r\n\r\n')) resolve(made.answer);
    });
    socket.on('close', () => resolve(made.answer));
  });
  await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, () => resolve()));
  return Object.assign(made, { socket }) as unknown as Attack;
}

const listen = (operator: OperatorHarness) => operator.app.listen({ port: 0, host: '127.0.0.1' });
/** Waits for bodies as long as in production: on a busy machine what is refused at once may take as long as the tests wait. */
async function listenForLong(operator: OperatorHarness): Promise<void> {
  const { server } = operator.app;
  [server.headersTimeout, server.requestTimeout] = [requestReceiveTimeoutMs, requestReceiveTimeoutMs];
  await listen(operator);
}
const statusOf = (answer: string): number => Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0);

/** Headers in the right form, of a cabinet that there is, with a signature that is none of its. */
function forgedHead(operator: OperatorHarness, method: string, path: string, lengthBytes: number): string[] {
  const thief = makeCabinet(operator.cabinet.cabinetId);
  const headers = signedHeaders(thief, { method, path, timestampMs: operator.clock.nowMs() });
  const lines = Object.values(signatureHeaders).map((name) => `${name}: ${headers[name] ?? ''}`);
  return [`${method} ${path} HTTP/1.1`, 'host: x', ...lines, `content-length: ${lengthBytes}`];
}

onStorage('a flood', (harness) => {
  it.each([
    ['without a signature', 'POST /v1/alarms HTTP/1.1', 20_000, 401],
    ['of large bodies', `PUT /v1/charges/${newChargeId(1)} HTTP/1.1`, 4 * 1024 * 1024, 413],
    ['of large bodies to no path', 'PUT /v1/nothing HTTP/1.1', 4 * 1024 * 1024, 413],
    ['of large bodies to enrolment', 'POST /v1/cabinets/enrol HTTP/1.1', 4 * 1024 * 1024, 413],
  ])('%s is refused before a body is read', async (_name, line, lengthBytes, status) => {
    await listenForLong(harness());
    const { answered, socket } = await attack(
      harness(),
      [line, 'host: x', `content-length: ${lengthBytes}`],
      '{',
    );
    expect(statusOf(await answered)).toBe(status);
    socket.destroy();
  });

  it('of bodies with a forged signature takes a bounded share of the memory, and passes', async () => {
    const operator = harness();
    await listen(operator);
    const path = `/v1/charges/${newChargeId(1)}`;
    const head = forgedHead(operator, 'PUT', path, 1024 * 1024);
    const attacks = await Promise.all(Array.from({ length: 40 }, () => attack(operator, head, '{')));
    // Only so many are waited for (and then cut off); the others are asked to come again, at once.
    const answers = await Promise.all(attacks.map(({ answered }) => answered));
    const refused = answers.filter((answer) => statusOf(answer) === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expect(answer).toMatch(/\r\nretry-after: \d+\r\n/i);
    expect(answers.every((answer) => [408, 429].includes(statusOf(answer)))).toBe(true);
    // A cabinet that proves who it is before its body is not in that queue.
    const visit = await operator.visit();
    expect((await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit))).status).toBe(200);
    for (const { socket } of attacks) socket.destroy();
    await operator.until(async () => {
      const one = await attack(operator, forgedHead(operator, 'PUT', path, 2), '{}');
      const answer = await one.answered;
      one.socket.destroy();
      return statusOf(answer) === 401;
    }, 60_000);
  });

  it('of enrolments is slowed down, and of no other call', async () => {
    const operator = harness();
    const enrol = () =>
      operator.raw({
        method: 'POST',
        url: '/v1/cabinets/enrol',
        payload: { cabinetId: 'CAB-1', token: 'x'.repeat(32), publicKey: makeCabinet('CAB-1').publicKey },
      });
    const statuses: number[] = [];
    for (let i = 0; i < 100; i++) statuses.push((await enrol()).status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(50);
    const last = await enrol();
    expect(last).toMatchObject({ status: 429, body: { error: 'unavailable' } });
    expect((await operator.send('GET', '/v1/health')).status).toBe(200);
    await operator.pass(Number(last.headers['retry-after']) * 1000, 1000);
    expect((await enrol()).status).toBe(403);
  });

  it('of failed proofs is slowed down, and shuts out no cabinet that is known at that address', async () => {
    const operator = harness();
    const thief = makeCabinet('CAB-1');
    expect((await operator.send('GET', '/v1/health')).status).toBe(200);
    const statuses = new Set<number>();
    for (let i = 0; i < 400; i++)
      statuses.add((await operator.raw({ method: 'GET', url: '/v1/health' })).status);
    expect([...statuses]).toEqual([401, 429]);
    const stranger = await operator.send('GET', '/v1/health', undefined, makeCabinet('CAB-9'));
    expect(stranger.status).toBe(429);
    expect((await operator.send('GET', '/v1/health', undefined, thief)).status).toBe(401);
    expect((await operator.send('GET', '/v1/health')).status).toBe(200);
    await operator.pass(Number(stranger.headers['retry-after']) * 1000, 1000);
    expect((await operator.send('GET', '/v1/health', undefined, makeCabinet('CAB-9'))).status).toBe(401);
  });

  it('of one cabinet slows down that one, and its charge is taken when it comes again', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const visit = await operator.visit();
    const statuses = new Set<number>();
    for (let i = 0; i < 1_100; i++) statuses.add((await operator.send('GET', '/v1/health')).status);
    expect([...statuses]).toEqual([200, 429]);
    const put = () => operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    const refused = await put();
    expect(refused.status).toBe(429);
    expect((await operator.send('GET', '/v1/health', undefined, other)).status).toBe(200);
    await operator.pass(Number(refused.headers['retry-after']) * 1000, 1000);
    expect((await put()).status).toBe(200);
  });
});

onStorage('a stranger behind a cabinet’s own address', (harness) => {
  const unsigned = (operator: OperatorHarness, count: number, headers: Record<string, string> = {}) =>
    Promise.all(
      Array.from({ length: count }, () => operator.raw({ method: 'GET', url: '/v1/health', headers })),
    );
  const health = (operator: OperatorHarness) => operator.send('GET', '/v1/health');
  const forged = (operator: OperatorHarness) =>
    signedHeaders(makeCabinet(operator.cabinet.cabinetId), {
      method: 'GET',
      path: '/v1/health',
      timestampMs: operator.clock.nowMs(),
    });

  it.each([
    ['without a signature', () => ({})],
    ['in the cabinet’s name without a signature', () => ({ 'kaimen-cabinet': 'CAB-1' })],
    ['in the cabinet’s name with a forged one', forged],
  ])(
    'does not shut it out by requests %s, not even when the operator has restarted',
    async (_name, headers) => {
      const before = harness();
      await unsigned(before, 320, headers(before));
      expect((await health(before)).status).toBe(200);
      const operator = before.restarted();
      await unsigned(operator, 320, headers(operator));
      expect((await health(operator)).status).toBe(200);
      await operator.close();
    },
  );

  it('does not keep the time from a cabinet whose clock is off', async () => {
    const operator = harness();
    await unsigned(operator, 320);
    const headers = signedHeaders(operator.cabinet, {
      ...{ method: 'GET', path: '/v1/health' },
      timestampMs: operator.clock.nowMs() - 3_600_000,
    });
    const answer = await operator.raw({ method: 'GET', url: '/v1/health', headers });
    expect(answer).toMatchObject({ status: 401, body: { nowMs: operator.clock.nowMs() } });
  });

  it('is refused himself, whomever he names', async () => {
    const operator = harness();
    const headers = forged(operator);
    const statuses = new Set<number>();
    const flood =
      failedProofsOfAddress.burst + failedProofsOfCabinetInNetwork.burst + failedProofsOfAll.burst;
    for (let sent = 0; sent < flood + 400; sent += 100)
      for (const { status } of await unsigned(operator, 100, headers)) statuses.add(status);
    expect([...statuses]).toEqual([401, 429]);
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const unknown = await operator.send('GET', '/v1/health', undefined, makeCabinet('CAB-9'));
    expect(unknown.status).toBe(429);
  });
});

onStorage('a request of a cabinet that somebody sends again', (harness) => {
  it('counts for nothing of that cabinet', async () => {
    const operator = harness();
    const headers = signedHeaders(operator.cabinet, {
      ...{ method: 'GET', path: '/v1/health' },
      timestampMs: operator.clock.nowMs(),
    });
    const again = () =>
      operator.raw({ method: 'GET', url: '/v1/health', headers, remoteAddress: '203.0.113.9' });
    expect((await again()).status).toBe(200);
    const statuses = new Set<number>();
    for (let sent = 0; sent < requestsOfCabinet.burst + 100; sent += 100)
      for (const { status } of await Promise.all(Array.from({ length: 100 }, again))) statuses.add(status);
    expect(statuses.has(200)).toBe(false);
    expect((await operator.send('GET', '/v1/health')).status).toBe(200);
  });

  it('takes no room for its body', async () => {
    const operator = harness();
    await listenForLong(operator);
    const visit = await operator.visit();
    const path = `/v1/charges/${visit.chargeId}`;
    const body = JSON.stringify(chargeBody(visit));
    const headers = signedHeaders(operator.cabinet, {
      ...{ method: 'PUT', path, body },
      timestampMs: operator.clock.nowMs(),
    });
    const first = await operator.raw({ method: 'PUT', url: path, headers, payload: body });
    expect(first.status).toBe(200);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`PUT ${path} HTTP/1.1`, 'host: x', ...lines, `content-length: ${Buffer.byteLength(body)}`];
    const attacks = await Promise.all(
      Array.from({ length: provenBodies.ofOne.countMax + 8 }, () => attack(operator, head)),
    );
    // Refused at once, before the body: none is waited for.
    for (const { answered } of attacks) expect(statusOf(await answered)).toBe(401);
    expect((await operator.send('PUT', path, body)).status).toBe(200);
    for (const { socket } of attacks) socket.destroy();
  });
});
