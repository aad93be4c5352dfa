import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { answerHeader } from '../../shared/api/answer-signing.ts';
import { bodyDigestHeader, signatureHeaders } from '../../shared/api/signing.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet, newChargeId, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { enrol, issueEnrolToken } from '../fleet/enrolment.ts';
import {
  enrolTokenLifetimeMs,
  enrolmentsOfAddress,
  failedProofsOfAddress,
  failedProofsOfAll,
  failedProofsOfCabinetInNetwork,
  failedProofsOfProven,
  provenCountsMs,
  unprovenBodies,
} from '../limits.ts';
import { Connections } from './connections.ts';
import { Gate } from './gate.ts';
import { signaturesHere } from './signatures.ts';

const [stranger, elsewhere] = ['203.0.113.66', '198.51.100.7'];
const megabyte = 1024 * 1024;

/** Requests of which the head has come and the body never does. */
class Heads {
  /** How many of those that got in were cut off for others. */
  cutCount = 0;
  readonly #gate: Gate;
  readonly #operator: OperatorHarness;

  constructor(operator: OperatorHarness) {
    this.#operator = operator;
    this.#gate = new Gate(operator.db, operator.clock, new Connections([]), signaturesHere);
  }

  /** A charge as cabinets from before sent it: whether its signature fits is only seen with the body. True: it gets in. */
  async charge(ip: string, cabinet: TestCabinet, lengthBytes = megabyte): Promise<boolean> {
    const path = `/v1/charges/${newChargeId(1)}`;
    const timestampMs = this.#operator.clock.nowMs();
    const signed = signedHeaders(cabinet, { method: 'PUT', path, timestampMs });
    const headers = Object.fromEntries(Object.entries(signed).filter(([name]) => name !== bodyDigestHeader));
    return this.#comes('putCharge', { ip, method: 'PUT', url: path, headers }, lengthBytes);
  }

  async enrolment(ip: string, cabinetId: string, lengthBytes = 300): Promise<boolean> {
    const headers = { [signatureHeaders.cabinet]: cabinetId };
    return this.#comes('enrol', { ip, method: 'POST', url: apiRoutes.enrol.path, headers }, lengthBytes);
  }

  async #comes(
    route: 'putCharge' | 'enrol',
    request: { ip: string; method: string; url: string; headers: Record<string, string> },
    lengthBytes: number,
  ): Promise<boolean> {
    const headers = { ...request.headers, 'content-length': String(lengthBytes) };
    const raw = { socket: new EventEmitter() };
    const reply = {
      ...{ raw: new EventEmitter(), request: { raw } },
      header: () => reply,
      code: () => reply,
      send: () => (this.cutCount += 1),
    };
    const passed = await this.#gate.beforeBody(
      apiRoutes[route],
      { ...request, headers, raw } as unknown as FastifyRequest,
      reply as unknown as FastifyReply,
    );
    return passed.ok;
  }
}

const makeFleet = async (operator: OperatorHarness, count: number): Promise<TestCabinet[]> => {
  const cabinets = Array.from({ length: count }, (_, i) => makeCabinet(`CAB-${i + 10}`));
  for (const cabinet of cabinets) await operator.enrol(cabinet);
  return cabinets;
};
const tokenFor = (operator: OperatorHarness, cabinetId: string) =>
  issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId);

onStorage('a stranger at one address who names the cabinets that there are', (harness) => {
  it('holds a part of the room for bodies that prove nothing yet, and others get in', async () => {
    const operator = harness();
    const heads = new Heads(operator);
    const fleet = await makeFleet(operator, 20);
    const perCabinet = unprovenBodies.ofOne.bytesMax / megabyte;
    let held = 0;
    for (const { cabinetId } of fleet)
      for (let i = 0; i < 2 * perCabinet; i++)
        if (await heads.charge(stranger, makeCabinet(cabinetId))) held += 1;
    expect((held - heads.cutCount) * megabyte).toBe(unprovenBodies.ofNetwork.bytesMax);
    expect(unprovenBodies.ofNetwork.bytesMax).toBeLessThan(unprovenBodies.ofAll.bytesMax / 2);
    expect(await heads.charge(elsewhere, operator.cabinet)).toBe(true);
    await tokenFor(operator, 'CAB-7');
    expect(await heads.enrolment(elsewhere, 'CAB-7')).toBe(true);
  });

  it('holds with many small bodies no more than his part of their number', async () => {
    const operator = harness();
    const heads = new Heads(operator);
    const fleet = await makeFleet(operator, 35);
    for (const { cabinetId } of fleet)
      for (let i = 0; i < unprovenBodies.ofOne.countMax; i++)
        await heads.charge(stranger, makeCabinet(cabinetId), 10);
    expect(await heads.charge(elsewhere, operator.cabinet)).toBe(true);
  });

  it('keeps nobody from enrolling with charges that he holds, not even at his own address', async () => {
    const operator = harness();
    const heads = new Heads(operator);
    const fleet = await makeFleet(operator, 20);
    for (const ip of [stranger, elsewhere, '192.0.2.1', '192.0.2.2', '192.0.2.3'])
      for (const { cabinetId } of fleet)
        for (let i = 0; i < 4; i++) await heads.charge(ip, makeCabinet(cabinetId));
    await tokenFor(operator, 'CAB-7');
    heads.cutCount = 0;
    expect(await heads.enrolment(stranger, 'CAB-7')).toBe(true);
    expect(heads.cutCount).toBe(0);
    // There is no room left for charges: one of his gives it.
    expect(await heads.charge('192.0.2.4', operator.cabinet)).toBe(true);
    expect(heads.cutCount).toBe(1);
  });

  it('holds room for enrolments in the name of those alone whose token is not over', async () => {
    const operator = harness();
    const heads = new Heads(operator);
    const held = async (ip: string) => {
      let count = 0;
      for (let i = 0; i < 2 * unprovenBodies.ofOne.countMax; i++)
        if (await heads.enrolment(ip, 'CAB-7')) count += 1;
      count -= heads.cutCount;
      heads.cutCount = 0;
      return count;
    };
    await tokenFor(operator, 'CAB-7');
    expect(await held(stranger)).toBe(2 * unprovenBodies.ofOne.countMax);
    await operator.clock.advance(enrolTokenLifetimeMs + 1);
    expect(await held(elsewhere)).toBe(unprovenBodies.ofOne.countMax);
  });
});

onStorage('what was a proof once', (harness) => {
  const enrolment = (operator: OperatorHarness, token: string, { cabinetId, publicKey }: TestCabinet) =>
    operator.raw({
      ...{ method: 'POST', url: apiRoutes.enrol.path, remoteAddress: stranger },
      payload: { cabinetId, token, publicKey },
    });

  it.each([
    ['a token that is used, with another key', true, 0],
    ['a token that is used, a month later', true, 30 * enrolTokenLifetimeMs],
    ['a token that nobody has used in time', false, enrolTokenLifetimeMs + 1],
  ])('raises no limit of enrolments any more: %s', async (_, isUsed, laterMs) => {
    const operator = harness();
    const cabinet = makeCabinet('CAB-7');
    const token = await tokenFor(operator, cabinet.cabinetId);
    if (isUsed) {
      const used = await enrol(operator.db, operator.clock, { ...cabinet, token });
      expect(used.ok).toBe(true);
    }
    operator.clock.jumpWall(laterMs);
    const statuses = new Set<number>();
    for (let i = 0; i < 40; i++)
      statuses.add((await enrolment(operator, token, makeCabinet('CAB-7'))).status);
    expect([...statuses]).toEqual([403, 429]);
  });

  it('a key that was replaced: its thief is slowed down at his own address as all others are', async () => {
    const operator = harness();
    const thief = makeCabinet('CAB-7');
    await operator.enrol(thief);
    const health = () => {
      const timestampMs = operator.clock.nowMs();
      const headers = signedHeaders(thief, { method: 'GET', path: '/v1/health', timestampMs });
      return operator.raw({ method: 'GET', url: '/v1/health', headers, remoteAddress: stranger });
    };
    expect((await health()).status).toBe(200);
    await operator.enrol(makeCabinet('CAB-7'));
    await operator.clock.advance(provenCountsMs + 1);
    const statuses = new Set<number>();
    const flood =
      failedProofsOfAddress.burst + failedProofsOfCabinetInNetwork.burst + failedProofsOfAll.burst;
    for (let sent = 0; sent < flood + 400; sent += 100)
      for (const { status } of await Promise.all(Array.from({ length: 100 }, health))) statuses.add(status);
    expect([...statuses]).toEqual([401, 429]);
  });
});

onStorage('a stranger with a network of many addresses', (harness) => {
  /** One request from each of so many of its 65,536 addresses. */
  const statusesFrom = async (count: number, ask: (remoteAddress: string) => Promise<{ status: number }>) => {
    const addresses = Array.from({ length: count }, (_, i) => `2001:db8:7:${i.toString(16)}::1`);
    const statuses = new Set<number>();
    while (addresses.length > 0)
      for (const { status } of await Promise.all(addresses.splice(0, 10).map(ask))) statuses.add(status);
    return [...statuses];
  };

  it('has no limit of failed proofs for each of them', async () => {
    const operator = harness();
    const ask = (remoteAddress: string) => operator.raw({ method: 'GET', url: '/v1/health', remoteAddress });
    expect(await statusesFrom(5 * failedProofsOfAddress.burst, ask)).toEqual([401, 429]);
    // In the next network nobody is slowed down.
    expect((await ask('2001:db8:8::1')).status).toBe(401);
  });

  it('has no limit of enrolments for each of them', async () => {
    const operator = harness();
    const payload = { ...makeCabinet('CAB-7'), token: 'x'.repeat(32) };
    const ask = (remoteAddress: string) =>
      operator.raw({ method: 'POST', url: apiRoutes.enrol.path, payload, remoteAddress });
    expect(await statusesFrom(5 * enrolmentsOfAddress.burst, ask)).toEqual([403, 429]);
  });

  it('holds with bodies that never come no more than one address does', async () => {
    const operator = harness();
    const heads = new Heads(operator);
    let held = 0;
    for (let i = 0; i < 2 * unprovenBodies.ofNetwork.countMax; i++)
      if (await heads.enrolment(`2001:db8:7:${i.toString(16)}::1`, 'CAB-7')) held += 1;
    expect(held - heads.cutCount).toBe(unprovenBodies.ofNetwork.countMax);
  });

  it('has no reserve in a cabinet’s name for each of them', async () => {
    const operator = harness();
    const forged = makeCabinet(operator.cabinet.cabinetId);
    const ask = (remoteAddress: string) => {
      const timestampMs = operator.clock.nowMs();
      const headers = signedHeaders(forged, { method: 'GET', path: '/v1/health', timestampMs });
      return operator.raw({ method: 'GET', url: '/v1/health', headers, remoteAddress });
    };
    const flood = failedProofsOfAll.burst + 2 * failedProofsOfCabinetInNetwork.burst;
    expect(await statusesFrom(flood, ask)).toEqual([401, 429]);
  });
});

onStorage('a stranger behind a cabinet’s own address who names it all the time', (harness) => {
  const forged = makeCabinet('CAB-1');
  /** Cabinets from before version 2 of the API do not say what their body is. */
  const send = (operator: OperatorHarness, cabinet: TestCabinet, isOfBefore = false) => {
    const [method, url] = isOfBefore ? (['POST', '/v1/alarms'] as const) : (['GET', '/v1/health'] as const);
    const alarm = { kind: 'device_fault', visitId: null, atMs: operator.clock.nowMs(), detail: 'x' };
    const payload = isOfBefore ? JSON.stringify(alarm) : '';
    const timestampMs = operator.clock.nowMs();
    const signed = signedHeaders(cabinet, { method, path: url, body: payload, timestampMs });
    const kept = Object.entries(signed).filter(([name]) => !isOfBefore || name !== bodyDigestHeader);
    return operator.raw({ method, url, headers: Object.fromEntries(kept), payload });
  };
  const many = async (operator: OperatorHarness, count: number, isOfBefore = false) => {
    const answers = await Promise.all(
      Array.from({ length: count }, () => send(operator, forged, isOfBefore)),
    );
    return new Set(answers.map(({ status }) => status));
  };
  /** More than he has proofs that may fail, whichever way they are counted. */
  const useUp = async (operator: OperatorHarness) => {
    const most = failedProofsOfProven.burst + failedProofsOfAll.burst + failedProofsOfCabinetInNetwork.burst;
    const statuses = new Set<number>();
    for (let sent = 0; sent < most; sent += 100)
      for (const status of await many(operator, 100)) statuses.add(status);
    expect([...statuses]).toEqual([401, 429]);
  };

  it.each([
    ['a cabinet', false],
    ['a cabinet from before, which proves itself with its body', true],
  ])('does not shut out %s that has proven itself there', async (_, isOfBefore) => {
    const operator = harness();
    const good = isOfBefore ? 204 : 200;
    expect((await send(operator, operator.cabinet, isOfBefore)).status).toBe(good);
    await useUp(operator);
    const perTick = Math.ceil((failedProofsOfProven.perS + failedProofsOfAll.perS) / 10) + 2;
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) {
      await operator.clock.advance(100);
      await many(operator, perTick);
      statuses.push((await send(operator, operator.cabinet, isOfBefore)).status);
    }
    expect(statuses).toEqual(Array.from({ length: 10 }, () => good));
  });

  it('has no signature of ours beyond his bound', async () => {
    const operator = harness();
    expect((await send(operator, operator.cabinet)).status).toBe(200);
    await useUp(operator);
    for (const isOfBefore of [false, true]) {
      const answer = await send(operator, forged, isOfBefore);
      expect(answer.status).toBe(429);
      expect(answer.headers[answerHeader]).toBeUndefined();
    }
  });

  it('does not help the thief of a key that was replaced', async () => {
    const operator = harness();
    const thief = makeCabinet('CAB-7');
    await operator.enrol(thief);
    expect((await send(operator, thief)).status).toBe(200);
    const replaced = makeCabinet('CAB-7');
    await operator.enrol(replaced);
    const statuses = new Set<number>();
    for (let i = 0; i < 40; i++)
      for (const { status } of await Promise.all(Array.from({ length: 100 }, () => send(operator, thief))))
        statuses.add(status);
    expect([...statuses]).toEqual([401, 429]);
  });
});
