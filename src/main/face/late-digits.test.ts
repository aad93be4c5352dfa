import { afterEach, expect, it, vi } from 'vitest';
import { frameOf, must, openVault, templateOf } from '../../testkit/main/face/people.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';
import { VisitEffects } from '../visit/visit-effects.ts';
import { FaceIdentification } from './face-identification.ts';

/** The four digits wait in the page's channel while the machine stands still: nothing of the face or the visit is written then. */
let rig: CabinetRig;
const after: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const end of after.splice(0)) end();
  rig.remove();
});

it.each([
  [1_000, 1],
  [20_000, 0],
  [50_000, 0],
])('the digits are typed, and %i ms later main hears them', async (ms, moves) => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  const { clock } = rig;
  let releases = 0;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const perform = VisitEffects.prototype.perform;
  vi.spyOn(VisitEffects.prototype, 'perform').mockImplementation(function (this: VisitEffects, effect) {
    if (effect.type === 'unlock') releases++;
    perform.call(this, effect);
  });
  const scratch = makeScratchFolder();
  const vault = openVault(scratch.path, clock, silentLogger);
  must(
    vault.put({ template: templateOf(0), phoneDigits: '0217', consentVersion: 'v1', atMs: clock.nowMs() }),
  );
  const screen = new FaceIdentification({
    ...{ vault, clock, meta: memoryMeta(), logger: silentLogger, random: countedRandom() },
    settings: { camera: 'Front', challengeAlways: false },
    onAccepted: (memberId) => {
      rig.loop.recognised(memberId);
    },
    onGone: () => rig.loop.dispatch({ type: 'cancel' }),
    onActive: () => rig.loop.dispatch({ type: 'active' }),
    onChange: () => undefined,
    isTooLate: () => rig.loop.isTooLate,
  });
  after.push(
    () => {
      screen.stop();
    },
    () => {
      vault.close();
    },
    scratch.remove,
  );
  // As face-controller.ts does.
  let isOpen = false;
  rig.loop.onVisitChanged(({ state }) => {
    const isWanted = state === 'identifyingByFace';
    if (isWanted && !isOpen) screen.open();
    if (!isWanted && isOpen) screen.close();
    isOpen = isWanted;
  });
  rig.start();
  await rig.run(60_000);
  rig.loop.dispatch({ type: 'chooseFace' });
  expect(rig.loop.visit.state).toBe('identifyingByFace');
  must(screen.act({ do: 'start' }));
  for (let i = 0; i < 30 && screen.order !== null; i++) {
    must(screen.frame(screen.order.nonce, frameOf(0, 0.5)));
    await rig.run(100);
  }
  expect(screen.view()).toEqual({ phase: 'digits' });
  // Typed; a write of somebody else blocks; timers first.
  const fromMs = clock.monotonicMs();
  clock.skip(ms);
  await clock.advance(0);
  for (let atMs = fromMs + 50; atMs <= fromMs + ms; atMs += 50) {
    const heard = [...rig.inside].filter(() => rig.random() < 0.8);
    rig.loop.deviceEvent({ type: 'tags', reads: heard.map((epc) => ({ epc, rssiDbm: null, atMs })), atMs });
  }
  const answer = screen.act({ do: 'digits', digits: '0217' });
  await rig.run(8_000, () => releases > 0);
  expect({ ms, answer: answer.ok, releases, state: rig.loop.visit.state }).toMatchObject({ releases: moves });
});
