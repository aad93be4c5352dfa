import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyReport } from '../../core/identity/testing/faces.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import { FakeClock } from '../../shared/clock.ts';
import { type FaceDataAction, faceConsentVersion } from '../../shared/model/face-view.ts';
import { fail, ok } from '../../shared/result.ts';
import { Database } from '../storage/database.ts';
import { makeScratchFolder } from '../storage/test-support/scratch.ts';
import { attemptLimit } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';
import { DeskRig } from './test-support/desk-rig.ts';
import { frameOf, must, openVault, templateOf } from './test-support/people.ts';

let clock: FakeClock;
let folder: string;
let removeFolder: () => void;
let vault: FaceVault;
let rig: DeskRig;
let logged: string[];
const log = (event: string): unknown => logged.push(event);
const logger = { debug: log, info: log, warn: log, error: log };

beforeEach(() => {
  const scratch = makeScratchFolder();
  [folder, removeFolder] = [scratch.path, scratch.remove];
  [clock, logged] = [new FakeClock(), []];
  vault = openVault(folder, clock, logger);
  for (const index of [0, 1]) {
    must(vault.put({ template: templateOf(index), phoneDigits: '0217', consentVersion: 'v1' }));
  }
  rig = new DeskRig(vault, clock, logger);
});
afterEach(() => {
  rig.stop();
  vi.restoreAllMocks();
  vault.close();
  removeFolder();
});

const start = (): void => void must(rig.desk.identification.act({ do: 'start' }));
const act = (...actions: FaceDataAction['do'][]): void => {
  for (const action of actions) must(rig.desk.account.act({ do: action } as FaceDataAction));
};
const names = (): string[] => vault.gallery().map(({ memberId }) => memberId);
const kinds = (memberId: string): string[] =>
  must(vault.records(memberId, 100)).newest.map(({ kind }) => kind);
/** To "my data" of person `index`, without a network. */
async function enter(index: number): Promise<void> {
  rig.chooseAccount();
  start();
  await rig.see(frameOf(index));
  expect(rig.shown).toBe('menu');
}

describe('my data without a network', () => {
  test('the notice, the same look as at the door, and the own face is gone at once', async () => {
    rig.chooseAccount();
    expect(rig.shown).toBe('notice');
    expect(rig.desk.cameraWanted).toBe(false);
    start();
    expect(rig.desk.cameraWanted).toBe(true);
    await rig.see(frameOf(0));
    expect(rig.desk.cameraWanted).toBe(false);
    expect(rig.desk.accountView()).toMatchObject({ phase: 'menu', face: { consentVersion: 'v1' } });
    act('withdraw', 'confirmWithdraw');
    expect(rig.shown).toBe('withdrawn');
    expect(names()).toEqual(['M1']);
    expect(must(vault.info('M0'))).toBeNull();
    expect(kinds('M0')).toEqual(['withdrawn', 'used', 'enrolled']);
    expect(kinds('M1')).toEqual(['enrolled']);
    // Nobody was asked, and no door, visit or charge came of it.
    expect(rig.effects).toEqual([]);
    expect(rig.visit.context).toMatchObject({ visitId: null, chargeId: null, member: null });
    // From now on the cabinet knows that face no more.
    rig.dispatch({ type: 'cancel' });
    rig.chooseAccount();
    start();
    await rig.see(frameOf(0));
    expect(rig.desk.faceView()).toEqual({ phase: 'ended', why: 'not_recognised' });
  });

  test('the own record can be read, and nobody is enrolled', async () => {
    await enter(0);
    for (const action of [
      { do: 'enrol' },
      { do: 'agree', consentVersion: faceConsentVersion, agreed: true, fourteenOrOlder: true },
    ] as const) {
      expect(rig.desk.account.act(action)).toMatchObject({ error: { code: 'stale' } });
    }
    act('records');
    expect(rig.desk.accountView()).toMatchObject({
      records: [{ kind: 'exported' }, { kind: 'used' }, { kind: 'enrolled' }],
    });
  });

  test.each([
    ['a stranger', frameOf(9), 'not_recognised'],
    ['a picture of a member', frameOf(0, 1, 0.1), 'not_alive'],
  ])('%s is told so, and gets no further', async (_, report, why) => {
    rig.chooseAccount();
    start();
    await rig.see(report);
    expect(rig.desk.faceView()).toEqual({ phase: 'ended', why });
    expect(rig.desk.account.act({ do: 'withdraw' })).toMatchObject({ error: { code: 'stale' } });
    expect(kinds('M0')).toEqual(['enrolled']);
    start();
    await rig.see(frameOf(1));
    expect(rig.visit).toMatchObject({ state: 'account', context: { faceOf: 'M1' } });
  });

  test('who may be two people is asked for the digits, once', async () => {
    for (const [digits, shown] of [
      ['9999', 'ended'],
      ['0217', 'menu'],
    ] as const) {
      rig.chooseAccount();
      start();
      await rig.see(frameOf(0, 0.5));
      expect(rig.shown).toBe('digits');
      must(rig.desk.identification.act({ do: 'digits', digits }));
      expect(rig.shown).toBe(shown);
      rig.dispatch({ type: 'cancel' });
    }
  });

  test('tries count together with those at the door', async () => {
    for (let i = 0; i < attemptLimit.max; i++) {
      if (i % 2 === 0) rig.chooseAccount();
      else rig.dispatch({ type: 'chooseFace' });
      start();
      await rig.see(frameOf(9), 1);
      rig.dispatch({ type: 'cancel' });
    }
    rig.chooseAccount();
    start();
    expect(rig.desk.faceView()).toEqual({ phase: 'ended', why: 'rate_limited' });
  });

  test('a use that cannot be put on record is none', async () => {
    vi.spyOn(vault, 'touch').mockReturnValue(fail('storage.io', 'disk full'));
    rig.chooseAccount();
    start();
    await rig.see(frameOf(0));
    expect(rig.desk.faceView()).toEqual({ phase: 'ended', why: 'face_off' });
    expect(rig.visit.context.faceOf).toBeNull();
  });

  test('a vault that fails after the look: back to the start, and no menu that says there is no face', async () => {
    vi.spyOn(vault, 'info').mockReturnValue(fail('storage.io', 'no disk'));
    rig.chooseAccount();
    start();
    await rig.see(frameOf(0));
    expect(rig.visit.state).toBe('attract');
    expect(logged).toContain('face.account_closed');
  });
});

describe('left in the middle', () => {
  const leaving: [string, () => Promise<void> | void][] = [
    ['back', () => rig.dispatch({ type: 'cancel' })],
    ['time', () => clock.advance(Math.max(visitLimits.identifyTimeoutMs, visitLimits.accountIdleMs))],
    [
      'out of service',
      () => rig.dispatch({ type: 'serviceable', reason: 'door_open_without_visit', atMs: 1 }),
    ],
  ];
  test.each(leaving)('%s, before the deletion is confirmed: nothing is deleted', async (_, leave) => {
    await enter(0);
    act('withdraw');
    await leave();
    expect(['attract', 'out_of_service']).toContain(rig.visit.state);
    expect(rig.visit.context.faceOf).toBeNull();
    expect(rig.desk.account.act({ do: 'confirmWithdraw' })).toMatchObject({ error: { code: 'stale' } });
    expect(names()).toEqual(['M0', 'M1']);
  });

  test.each(leaving)(
    '%s, during the look: the camera is off, and late frames are nothing',
    async (_, leave) => {
      rig.chooseAccount();
      start();
      await rig.see(frameOf(0), 1);
      const nonce = rig.nonce ?? '';
      await leave();
      expect(rig.desk.cameraWanted).toBe(false);
      expect(rig.desk.frame(nonce, frameOf(0))).toMatchObject({ error: { code: 'stale' } });
      expect(kinds('M0')).toEqual(['enrolled']);
    },
  );

  test('nobody there any more: back to the start', async () => {
    rig.chooseAccount();
    start();
    await rig.see(frameOf(0), 1);
    await rig.see(emptyReport);
    expect(rig.visit.state).toBe('attract');
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
    rig = new DeskRig(vault, clock, logger);
    expect(rig.visit.state).toBe('attract');
  });
});

test('old faces go while nobody is there: the door may be open, and erasing takes its time', async () => {
  const expire = vi.spyOn(vault, 'expire');
  rig.dispatch({ type: 'chooseCode' });
  for (let minutes = 0; minutes < 61; minutes++) {
    await clock.advance(50_000);
    rig.dispatch({ type: 'cancel' });
    rig.dispatch({ type: 'chooseCode' });
    await clock.advance(10_000);
  }
  expect(expire).not.toHaveBeenCalled();
  rig.dispatch({ type: 'cancel' });
  await clock.advance(60_000);
  expect(expire).toHaveBeenCalledTimes(1);
});
