import { afterEach, beforeEach, expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { compose } from '../../main/compose.ts';
import type { Kiosk, KioskPorts } from '../../main/compose/kiosk.ts';
import type { ChargeRecord } from '../../main/charges/charge-record.ts';
import { openDatabase } from '../../main/storage/database.ts';
import { retryCapMs } from '../../core/charge/delivery.ts';
import { FakeClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { fail } from '../../shared/result.ts';
import { sale } from '../../testkit/main/charges/cabinet.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { immediatePinTagger } from '../../testkit/main/service/pin-tagger.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { settingsFor } from './cabinet-setup.ts';

const hourMs = 3_600_000;
let clock: FakeClock;
let kiosk: Kiosk;
let scratch: { path: string; remove: () => void };
let settings: KioskPorts['settings'];

const closed = (): never => {
  throw new Error('no keyring');
};
const hostOfNothing = (): ReturnType<KioskPorts['spawnHost']> =>
  new Proxy({}, { get: () => () => undefined }) as unknown as ReturnType<KioskPorts['spawnHost']>;
/** A kiosk without devices and without a network. */
function start(): void {
  const composed = compose({
    dataDir: scratch.path,
    settings,
    safeStorage: { isEncryptionAvailable: () => false, encryptString: closed, decryptString: closed },
    openDatabase,
    reopen: () => undefined,
    pinTagger: immediatePinTagger,
    spawnHost: hostOfNothing,
    clock,
    random: systemRandom,
    logger: silentLogger,
    limits: visitLimits,
    httpTransport: {
      reset: () => undefined,
      send: () => Promise.resolve(fail('not_sent', 'cut')),
    },
  });
  kiosk = unwrap(composed);
  kiosk.start();
}
async function stop(): Promise<void> {
  const stopped = kiosk.stop();
  await clock.advance(20_000);
  await stopped;
}
beforeEach(() => {
  scratch = makeScratchFolder();
  clock = new FakeClock();
  settings = settingsFor('CAB-1', clock, 'x'.repeat(32), { simulated: false, devices: [] });
  start();
});
afterEach(async () => {
  await stop();
  scratch.remove();
});

test.each([-48, 60])('the whole kiosk waits in operating time: clock set by %d h', async (hours) => {
  const { chargeId, body } = sale(1, 500, clock.nowMs());
  unwrap(kiosk.charges.open({ ...body, memberDisplay: '王*' }));
  unwrap(kiosk.charges.finalise(chargeId, body));
  const tried: ChargeRecord[] = [];
  const tryInVain = async (): Promise<void> => {
    await clock.advance(3 * retryCapMs);
    tried.push(unwrap(kiosk.charges.get(chargeId)));
  };
  const restart = async (): Promise<void> => {
    await stop();
    clock.jumpWall(hours * hourMs);
    start();
  };
  await restart();
  await tryInVain();
  clock.jumpWall(hours * hourMs);
  await tryInVain();
  await restart();
  await tryInVain();
  for (const { reason, updatedMs, nextAttemptMs } of tried) {
    expect(reason).toBe('network.unreachable');
    expect((nextAttemptMs ?? Infinity) - updatedMs).toBeLessThanOrEqual(retryCapMs);
  }
  const times = tried.map(({ updatedMs }) => updatedMs);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  expect((times.at(-1) ?? Infinity) - (times[0] ?? 0)).toBeLessThan(hourMs);
});
