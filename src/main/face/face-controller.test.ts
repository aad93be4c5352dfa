import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyReport } from '../../testkit/core/faces.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { FaceDataAction } from '../../shared/model/face-view.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import { fail, ok } from '../../shared/result.ts';
import { Database } from '../storage/database.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { attemptLimit } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';
import { FaceHarness } from '../../testkit/main/face/face-harness.ts';
import { frameOf, must, openVault, templateOf } from '../../testkit/main/face/people.ts';

let clock: FakeClock;
let folder: string;
let removeFolder: () => void;
let vault: FaceVault;
let harness: FaceHarness;
let logged: string[];
const log = (event: string): unknown => logged.push(event);
const logger = { debug: log, info: log, warn: log, error: log };

beforeEach(() => {
  const scratch = makeScratchFolder();
  [folder, removeFolder] = [scratch.path, scratch.remove];
  [clock, logged] = [new FakeClock(), []];
  vault = openVault(folder, clock, logger);
  for (const index of [0, 1]) {
    must(
      vault.put({
        template: templateOf(index),
        phoneDigits: '0217',
        consentVersion: 'v1',
        atMs: clock.nowMs(),
      }),
    );
  }
  harness = new FaceHarness(vault, clock, logger);
});
afterEach(() => {
  harness.stop();
  vi.restoreAllMocks();
  vault.close();
  removeFolder();
});

const start = (): void => void must(harness.faces.identification.act({ do: 'start' }));
const act = (...actions: FaceDataAction['do'][]): void => {
  for (const action of actions) must(harness.faces.account.act({ do: action } as FaceDataAction));
};
const names = (): string[] => vault.gallery().map(({ memberId }) => memberId);
const kinds = (memberId: string): string[] =>
  must(vault.records(memberId, 100)).newest.map(({ kind }) => kind);
/** To the account of person `index`, without a network. */
async function enter(index: number): Promise<void> {
  harness.chooseAccount();
  start();
  await harness.see(frameOf(index));
  expect(harness.shown).toBe('menu');
}

describe('account without a network', () => {
  test('the notice, the same attempt as at the door, and the own face is deleted at once', async () => {
    harness.chooseAccount();
    expect(harness.shown).toBe('notice');
    expect(harness.faces.cameraOrder).toBeNull();
    start();
    expect(harness.faces.cameraOrder).not.toBeNull();
    await harness.see(frameOf(0));
    expect(harness.faces.cameraOrder).toBeNull();
    expect(harness.faces.accountView()).toMatchObject({ phase: 'menu', face: { consentVersion: 'v1' } });
    act('withdraw', 'confirmWithdraw');
    expect(harness.shown).toBe('withdrawn');
    expect(names()).toEqual(['M1']);
    expect(must(vault.info('M0'))).toBeNull();
    expect(kinds('M0')).toEqual(['withdrawn', 'used', 'enrolled']);
    expect(kinds('M1')).toEqual(['enrolled']);
    // Nobody was asked, and no door, visit or charge came of it.
    expect(harness.effects).toEqual([]);
    expect(harness.visit.context).toMatchObject({ visitId: null, chargeId: null, member: null });
    // From now on the cabinet knows that face no more.
    harness.dispatch({ type: 'cancel' });
    harness.chooseAccount();
    start();
    await harness.see(frameOf(0));
    expect(harness.faces.faceView()).toEqual({ phase: 'ended', why: 'not_recognised' });
  });

  test('the own record can be read, and nobody is enrolled', async () => {
    await enter(0);
    for (const action of [
      { do: 'enrol' },
      { do: 'agree', consentVersion: faceConsentVersion, agreed: true, fourteenOrOlder: true },
    ] as const) {
      expect(harness.faces.account.act(action)).toMatchObject({ error: { code: 'stale' } });
    }
    act('records');
    expect(harness.faces.accountView()).toMatchObject({
      records: [{ kind: 'exported' }, { kind: 'used' }, { kind: 'enrolled' }],
    });
  });

  test.each([
    ['a stranger', frameOf(9), 'not_recognised'],
    ['a picture of a member', frameOf(0, 1, 0.1), 'not_alive'],
  ])('%s is shown that, and gets no further', async (_, report, why) => {
    harness.chooseAccount();
    start();
    await harness.see(report);
    expect(harness.faces.faceView()).toEqual({ phase: 'ended', why });
    expect(harness.faces.account.act({ do: 'withdraw' })).toMatchObject({ error: { code: 'stale' } });
    expect(kinds('M0')).toEqual(['enrolled']);
    start();
    await harness.see(frameOf(1));
    expect(harness.visit).toMatchObject({ state: 'account', context: { recognisedMemberId: 'M1' } });
  });

  test('who may be two people is asked for the digits, once', async () => {
    for (const [digits, shown] of [
      ['9999', 'ended'],
      ['0217', 'menu'],
    ] as const) {
      harness.chooseAccount();
      start();
      await harness.see(frameOf(0, 0.5));
      expect(harness.shown).toBe('digits');
      must(harness.faces.identification.act({ do: 'digits', digits }));
      expect(harness.shown).toBe(shown);
      harness.dispatch({ type: 'cancel' });
    }
  });

  test('tries count together with those at the door', async () => {
    for (let i = 0; i < attemptLimit.max; i++) {
      if (i % 2 === 0) harness.chooseAccount();
      else harness.dispatch({ type: 'chooseFace' });
      start();
      await harness.see(frameOf(9), 1);
      harness.dispatch({ type: 'cancel' });
    }
    harness.chooseAccount();
    start();
    expect(harness.faces.faceView()).toEqual({ phase: 'ended', why: 'rate_limited' });
  });

  test('a use that cannot be put on record is none', async () => {
    vi.spyOn(vault, 'touch').mockReturnValue(fail('storage.io', 'disk full'));
    harness.chooseAccount();
    start();
    await harness.see(frameOf(0));
    expect(harness.faces.faceView()).toEqual({ phase: 'ended', why: 'face_off' });
    expect(harness.visit.context.recognisedMemberId).toBeNull();
  });

  test('a vault that fails after the attempt: back to the start, and no menu that says there is no face', async () => {
    vi.spyOn(vault, 'info').mockReturnValue(fail('storage.io', 'no disk'));
    harness.chooseAccount();
    start();
    await harness.see(frameOf(0));
    expect(harness.visit.state).toBe('attract');
    expect(logged).toContain('face.account_closed');
  });
});

describe('left in the middle', () => {
  const leaving: [string, () => Promise<void> | void][] = [
    ['back', () => harness.dispatch({ type: 'cancel' })],
    ['time', () => clock.advance(Math.max(visitLimits.identifyTimeoutMs, visitLimits.accountIdleMs))],
    [
      'out of service',
      () => harness.dispatch({ type: 'availabilityChanged', available: false, isDoorForced: true }),
    ],
  ];
  test.each(leaving)('%s, before the deletion is confirmed: nothing is deleted', async (_, leave) => {
    await enter(0);
    act('withdraw');
    await leave();
    expect(['attract', 'outOfService']).toContain(harness.visit.state);
    expect(harness.visit.context.recognisedMemberId).toBeNull();
    expect(harness.faces.account.act({ do: 'confirmWithdraw' })).toMatchObject({ error: { code: 'stale' } });
    expect(names()).toEqual(['M0', 'M1']);
  });

  test.each(leaving)(
    '%s, during the attempt: the camera is off, and late frames are nothing',
    async (_, leave) => {
      harness.chooseAccount();
      start();
      await harness.see(frameOf(0), 1);
      const nonce = harness.nonce ?? '';
      await leave();
      expect(harness.faces.cameraOrder).toBeNull();
      expect(harness.faces.frame(nonce, frameOf(0))).toMatchObject({ error: { code: 'stale' } });
      expect(kinds('M0')).toEqual(['enrolled']);
    },
  );

  test('nobody there any more: back to the start', async () => {
    harness.chooseAccount();
    start();
    await harness.see(frameOf(0), 1);
    await harness.see(emptyReport);
    expect(harness.visit.state).toBe('attract');
  });

  test.each([
    ['before the deletion is confirmed', false, ['M0', 'M1']],
    ['while the files are cleaned', true, ['M1']],
  ])('power lost %s', async (_, confirmed, left) => {
    await enter(0);
    act('withdraw');
    const erase = vi.spyOn(Database.prototype, 'eraseDeleted');
    erase.mockReturnValue(fail('storage.io', 'no power'));
    if (confirmed) act('confirmWithdraw');
    must(vault.close());
    erase.mockReset().mockReturnValue(ok());
    vault = openVault(folder, clock, logger);
    expect(erase).toHaveBeenCalledTimes(confirmed ? 1 : 0);
    expect(names()).toEqual(left);
    harness = new FaceHarness(vault, clock, logger);
    expect(harness.visit.state).toBe('attract');
  });
});

test('old faces go while nobody is there: the door may be open, and erasing takes its time', async () => {
  const expire = vi.spyOn(vault, 'expire');
  harness.dispatch({ type: 'chooseCode' });
  for (let minutes = 0; minutes < 61; minutes++) {
    await clock.advance(50_000);
    harness.dispatch({ type: 'cancel' });
    harness.dispatch({ type: 'chooseCode' });
    await clock.advance(10_000);
  }
  expect(expire).not.toHaveBeenCalled();
  harness.dispatch({ type: 'cancel' });
  await clock.advance(60_000);
  expect(expire).toHaveBeenCalledTimes(1);
});
