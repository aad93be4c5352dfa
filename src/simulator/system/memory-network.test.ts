import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { apiRoutes } from '../../shared/api/routes.ts';
import { OperatorClient } from '../../main/operator/operator-client.ts';
import type { Operator } from '../../operator/compose.ts';
import { compose } from '../../operator/compose.ts';
import { development } from '../../operator/http/development.ts';
import { serveCatalog } from '../../operator/fleet/catalog.ts';
import { issueEnrolToken } from '../../operator/fleet/enrolment.ts';
import { makeMemberCodeKeys } from '../../operator/members/member-code-keys.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { embedded } from '../../testkit/operator/storages.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { SeededRandom } from '../../shared/random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { MemoryNetwork, MemoryServer } from './memory-network.ts';

let store: TestStorage;
let clock: VirtualClock;
let operator: Operator;
let network: MemoryNetwork;
let client: OperatorClient;
const keys = generateKeyPairSync('ed25519');

beforeAll(async () => {
  store = await embedded.open();
});
afterAll(() => store.close());
afterEach(() => {
  clock.stop();
});

beforeEach(async () => {
  clock = new VirtualClock();
  const catalog = serveCatalog(sampleCatalog, 'test');
  if (!catalog.ok) throw new Error(catalog.error.message);
  const random = new SeededRandom(1);
  operator = compose({
    db: store.storage.db,
    clock,
    random,
    logger: silentLogger,
    catalog: catalog.value,
    memberCodeKeys: makeMemberCodeKeys(),
    development,
  });
  network = new MemoryNetwork({
    server: new MemoryServer(operator.api),
    clock,
    // Its first draw is a network that is dead before the connection.
    random: new SeededRandom(1),
  });
  let nonceCount = 0;
  client = new OperatorClient({
    baseUrl: 'http://operator',
    cabinetId: 'CAB-1',
    clock,
    sign: (text) => sign(null, Buffer.from(text), keys.privateKey).toString('base64url'),
    randomNonce: () => {
      nonceCount += 1;
      const unique = `${expect.getState().currentTestName ?? ''} ${nonceCount}`;
      return createHash('sha256').update(unique).digest('base64url').slice(0, 22);
    },
    transport: network.transport(clock),
  });
  const token = await issueEnrolToken(store.storage.db, clock, random, 'CAB-1');
  const publicKey = keys.publicKey.export({ format: 'jwk' }).x ?? '';
  expect(await client.enrol({ cabinetId: 'CAB-1', token, publicKey })).toEqual({ ok: true, value: null });
});

const order = (fault: object) =>
  operator.developmentApi?.inject({ method: 'POST', url: '/dev/faults', payload: fault });

describe('a cabinet and the operator in one process, without sockets', () => {
  test('talk as over the network', async () => {
    expect(await client.health()).toEqual({ ok: true, value: null });
    const first = await client.catalog(null);
    expect(first).toMatchObject({ ok: true, value: { changed: true, catalog: sampleCatalog } });
    const etag = first.ok && first.value.changed ? first.value.etag : null;
    expect(await client.catalog(etag)).toEqual({ ok: true, value: { changed: false } });
  });

  test('lose what is under way when the connection drops, and send nothing when there is none', async () => {
    await order({ mode: 'drop', count: 1 });
    expect(await client.health()).toMatchObject({ error: { code: 'network.timeout' } });
    await order({ mode: 'drop', count: 1, when: 'after' });
    expect(await client.health()).toMatchObject({ error: { code: 'network.timeout' } });
    expect((await client.health()).ok).toBe(true);
    network.set('cut', 0);
    expect(await client.health()).toMatchObject({ error: { code: 'network.unreachable' } });
  });

  test('wait for an answer as long as the clock says, or until given up', async () => {
    await order({ mode: 'hang' });
    const startMs = clock.monotonicMs();
    expect(await client.health()).toMatchObject({ error: { code: 'network.timeout' } });
    expect(clock.monotonicMs() - startMs).toBe(apiRoutes.health.timeoutMs);
    await order({ mode: 'none' });
    const left = new AbortController();
    const scan = client.waitForQrSignIn({ showing: 'A'.repeat(22), waitMs: 10_000 }, left.signal);
    left.abort();
    expect((await scan).ok).toBe(false);
  });
});
