import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { initialContext } from '../../core/visit/visit-context.ts';
import type { VisitContext } from '../../core/visit/visit-model.ts';
import { makeVisitId } from '../../shared/ids.ts';
import { FakeClock } from '../../shared/clock.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import { lightOnMaxMs } from '../../shared/model/light-spec.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { CameraLight, lightRenewEveryMs } from './camera-light.ts';
import { cameraLimits } from './camera-session.ts';
import { FaceController } from './face-controller.ts';
import type { FaceVault } from './face-vault.ts';
import { keepFace, frameOf, must, openVault } from '../../testkit/main/face/people.ts';
import { ok } from '../../shared/result.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';

let clock: FakeClock;
/** What the light was told; the last one holds. */
let orders: boolean[];
const isLit = (): boolean => orders.at(-1) ?? false;
beforeEach(() => {
  [clock, orders] = [new FakeClock(), []];
});

describe('the light follows the order', () => {
  let wanted: boolean;
  let light: CameraLight;
  beforeEach(() => {
    wanted = false;
    light = new CameraLight({ clock, isWanted: () => wanted, setLight: (on) => orders.push(on) });
  });
  function want(next: boolean): void {
    wanted = next;
    light.update();
  }

  test('nothing is said while nothing changes', async () => {
    want(false);
    await clock.advance(lightOnMaxMs);
    expect(orders).toEqual([]);
    want(true);
    want(true);
    want(false);
    want(false);
    expect(orders).toEqual([true, false]);
  });

  test('renewed while it stands, many times before the light would go off by itself', async () => {
    want(true);
    await clock.advance(lightOnMaxMs);
    expect(orders).toEqual(new Array(1 + lightOnMaxMs / lightRenewEveryMs).fill(true));
    expect(lightRenewEveryMs * 3).toBeLessThan(lightOnMaxMs);
    want(false);
    await clock.advance(lightOnMaxMs);
    expect(orders.filter((on) => !on)).toEqual([false]);
    expect(isLit()).toBe(false);
  });

  test('an end that nobody tells is noticed instead of renewed', async () => {
    want(true);
    wanted = false;
    await clock.advance(lightRenewEveryMs);
    expect(orders).toEqual([true, false]);
  });
});

describe('with the face screens', () => {
  const logger = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
  let vault: FaceVault;
  let removeFolder: () => void;
  let faces: FaceController;
  let recognised: string[];

  beforeEach(() => {
    const scratch = makeScratchFolder();
    removeFolder = scratch.remove;
    vault = openVault(scratch.path, clock, logger);
    keepFace(vault, 0, clock.nowMs());
    recognised = [];
    faces = new FaceController({
      mayEnrolIn: () => true,
      enrolFace: () => Promise.resolve(ok(null)),
      vault,
      meta: memoryMeta(),
      clock,
      logger,
      phoneDigitsOf: () => '0217',
      settings: { camera: null, challengeAlways: false },
      random: countedRandom(),
      onRecognised: (memberId) => {
        recognised.push(memberId);
        show('authorising');
      },
      onGone: () => show('attract'),
      onActive: () => undefined,
      onChange: () => {
        // What is on screen and the light are never told apart.
        expect(isLit()).toBe(faces.cameraOrder !== null);
      },
      setLight: (on) => orders.push(on),
    });
  });
  afterEach(() => {
    faces.stop();
    vault.close();
    removeFolder();
  });

  function show(state: 'identifyingByFace' | 'account' | 'authorising' | 'attract'): void {
    const member: VisitContext['member'] = { memberId: 'M5', display: '王*' };
    faces.onVisitChanged({
      state,
      context: { ...initialContext, member, visitId: makeVisitId(1, new Uint8Array(10)) },
    });
  }
  function start(): void {
    show('identifyingByFace');
    must(faces.identification.act({ do: 'start' }));
  }
  function nonce(): string {
    if (faces.cameraOrder === null) throw new Error(`the camera is off: ${faces.faceView().phase}`);
    return faces.cameraOrder.nonce;
  }

  test('dark at the notice, lit while the camera looks, dark once the member is known', async () => {
    show('identifyingByFace');
    expect(orders).toEqual([]);
    must(faces.identification.act({ do: 'start' }));
    expect(orders).toEqual([true]);
    for (let i = 0; i < 50 && recognised.length === 0; i++) {
      must(faces.frame(nonce(), frameOf(0)));
      await clock.advance(100);
    }
    expect(recognised).toEqual(['M0']);
    expect(orders).toEqual([true, false]);
  });

  test('the shopper leaves, or takes the code: dark', () => {
    start();
    show('attract');
    expect(orders).toEqual([true, false]);
  });

  test('the page is gone: its frames stop, the order ends, and the light with it', async () => {
    start();
    must(faces.camera(nonce(), 'live'));
    must(faces.frame(nonce(), frameOf(1)));
    await clock.advance(cameraLimits.silenceMs + cameraLimits.tickMs);
    expect(orders).toEqual([true, false]);
    expect(faces.faceView()).toEqual({ phase: 'ended', why: 'frozen' });
  });

  test('a page that never says a word: dark when the camera has not started in time', async () => {
    start();
    await clock.advance(cameraLimits.startMs + cameraLimits.tickMs);
    expect(isLit()).toBe(false);
    expect(faces.faceView()).toEqual({ phase: 'ended', why: 'busy' });
  });

  test('the program ends: dark', () => {
    start();
    faces.stop();
    expect(orders).toEqual([true, false]);
  });

  test('account: lit for the enrolment alone', () => {
    show('account');
    must(faces.account.act({ do: 'enrol' }));
    expect(orders).toEqual([]);
    must(
      faces.account.act({
        ...{ do: 'agree', consentVersion: faceConsentVersion },
        ...{ agreed: true, fourteenOrOlder: true },
      }),
    );
    expect(orders).toEqual([true]);
    must(faces.account.act({ do: 'menu' }));
    expect(orders).toEqual([true, false]);
  });
});
