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
import { FaceVault, vaultFileName } from '../../main/face/face-vault.ts';
import { openStorage } from '../../main/compose/storage.ts';
import { vaultOpening } from '../../main/face/vault-reopening.ts';
import { MetaStore } from '../../main/storage/meta-store.ts';

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

test('a file of faces that does not open at the start is tried again, and staff hears of it', async () => {
  const before = must(openStorage(portsWith(true)));
  before.vault!.close();
  before.database.close();
  const path = join(scratch.path, vaultFileName);
  renameSync(path, `${path}.away`);
  mkdirSync(path);

  const composed = compose(portsWith(true));
  if (!composed.ok) throw new Error(composed.error.message);
  composed.value.start();
  const stopped = composed.value.stop();
  for (let i = 0; i < 20; i++) await clock.advance(1_000);
  await stopped;

  const { vault, vaultOpensNow, database } = must(openStorage(portsWith(true)));
  const alarms = must(new MetaStore(database).get('waiting_alarms'));
  expect(alarms?.split('faces_not_opened').length).toBe(2);
  expect(vault).toBeNull();
  let reopenCount = 0;
  const job = vaultOpening(vaultOpensNow!, () => reopenCount++);
  job.run();
  expect(reopenCount).toBe(0);
  rmdirSync(path);
  renameSync(`${path}.away`, path);
  job.run();
  expect(reopenCount).toBe(1);
  database.close();
});
