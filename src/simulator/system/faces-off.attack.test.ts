import { immediatePinTagger } from '../../testkit/main/service/pin-tagger.ts';
import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsFor } from './cabinet-setup.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeEnrolmentId } from '../../shared/ids.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import { must, templateOf } from '../../testkit/main/face/people.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { compose } from '../../main/compose.ts';
import type { KioskPorts } from '../../main/compose/kiosk.ts';
import type { HttpRequest } from '../../main/operator/http-transport.ts';
import { readSecrets } from '../../main/platform/secrets.ts';
import { openDatabase } from '../../main/storage/database.ts';
import { evidenceFileName } from '../../main/evidence/evidence-store.ts';
import { FaceVault, vaultFileName } from '../../main/face/face-vault.ts';
import { openStorage } from '../../main/compose/storage.ts';

const enrolmentId = makeEnrolmentId(1, new Uint8Array(10).fill(1));
let scratch: { path: string; remove: () => void };
let clock: FakeClock;
let seen: HttpRequest[];
beforeEach(() => {
  scratch = makeScratchFolder();
  clock = new FakeClock(1_767_225_600_000);
  seen = [];
});
afterEach(() => scratch.remove());

function portsWith(isFaceEnabled: boolean): KioskPorts {
  const settings = settingsFor('CAB-1', clock, 'x'.repeat(32), { simulated: false, devices: [] });
  must(settings.update({ face: { enabled: isFaceEnabled } }));
  const closed = (): never => {
    throw new Error('no keyring');
  };
  return {
    dataDir: scratch.path,
    settings,
    safeStorage: { isEncryptionAvailable: () => false, encryptString: closed, decryptString: closed },
    openDatabase,
    reopen: () => undefined,
    pinTagger: immediatePinTagger,
    spawnHost: () =>
      new Proxy({}, { get: () => () => undefined }) as unknown as ReturnType<KioskPorts['spawnHost']>,
    clock,
    random: systemRandom,
    logger: silentLogger,
    limits: visitLimits,
    httpTransport: {
      reset: () => undefined,
      send: (request) => {
        seen.push(request);
        const isHealth = request.url.pathname === '/v1/health';
        const faces = { ok: true, nowMs: clock.nowMs(), facesToDelete: [{ memberId: 'M1', enrolmentId }] };
        const body = Buffer.from(isHealth ? JSON.stringify(faces) : '');
        return Promise.resolve(ok({ status: isHealth ? 200 : 204, headers: {}, body }));
      },
    },
  };
}

test.each([true, false])(
  'a face that its member has withdrawn by phone is deleted here, faces switched on: %s',
  async (isFaceEnabled) => {
    const before = must(openStorage(portsWith(true)));
    must(
      before.vault!.put({
        template: templateOf(1),
        phoneDigits: null,
        consentVersion: 'v1',
        enrolmentId,
        atMs: clock.nowMs(),
      }),
    );
    before.vault!.close();
    before.database.close();

    const composed = compose(portsWith(isFaceEnabled));
    if (!composed.ok) throw new Error(composed.error.message);
    composed.value.start();
    for (let i = 0; i < 200; i++) await clock.advance(1_000);
    const stopped = composed.value.stop();
    for (let i = 0; i < 20; i++) await clock.advance(1_000);
    await stopped;
    expect(seen.some(({ url }) => url.pathname === '/v1/health')).toBe(true);

    const { vaultKeyHex } = must(readSecrets(scratch.path));
    const path = join(scratch.path, vaultFileName);
    const vault = must(FaceVault.open({ path, vaultKeyHex, clock, logger: silentLogger }));
    expect(must(vault.info('M1'))).toBeNull();
    vault.close();
  },
  25_000,
);

test.each([
  [vaultFileName, 'faces_not_opened'],
  [evidenceFileName, 'evidence_not_opened'],
])('%s does not open at the start: staff hears of it, and it is tried again', async (file, alarm) => {
  const before = must(openStorage(portsWith(true)));
  before.vault!.close();
  before.evidence!.close();
  before.database.close();
  const path = join(scratch.path, file);
  renameSync(path, `${path}.away`);
  mkdirSync(path);

  let reopenCount = 0;
  const composed = compose({ ...portsWith(true), reopen: () => reopenCount++ });
  if (!composed.ok) throw new Error(composed.error.message);
  composed.value.start();
  const hour = async (): Promise<void> => {
    for (let i = 0; i < 61; i++) await clock.advance(60_000);
  };
  await hour();
  expect(reopenCount).toBe(0);
  rmdirSync(path);
  renameSync(`${path}.away`, path);
  await hour();
  expect(reopenCount).toBeGreaterThan(0);
  const stopped = composed.value.stop();
  for (let i = 0; i < 20; i++) await clock.advance(1_000);
  await stopped;

  const { database, vault, evidence } = must(openStorage(portsWith(true)));
  // Told again until it is taken, but always the same one.
  const told = seen.map(({ body }) => body.toString()).filter((body) => body.includes(alarm));
  expect(new Set(told).size).toBe(1);
  expect([vault !== null, evidence !== null]).toEqual([true, true]);
  vault!.close();
  evidence!.close();
  database.close();
});
