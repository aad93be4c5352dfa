import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { FakeClock } from '../../shared/clock.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import {
  type FaceDataAction,
  type CameraState,
  type FaceAction,
  accountViewSchema,
  faceViewSchema,
} from '../../shared/model/face-view.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { FaceAccount } from './face-account.ts';
import { FaceIdentification } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';
import { frameOf, must, openVault, reportOfPeople, templateOf } from '../../testkit/main/face/people.ts';
import { makeVisitId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';

const silent = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
const enrolVisitId = makeVisitId(1, new Uint8Array(10));
let me = { memberId: 'M5', by: 'code' as const, display: '王*', phoneDigits: '0217', enrolVisitId };
let runs = 0;
const clock = new FakeClock();
let vault: FaceVault;
let removeFolder: () => void;
beforeAll(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  vault = openVault(scratch.path, clock, silent);
});
afterAll(() => {
  vault.close();
  removeFolder();
});
/** The vault as it is at the beginning of each run: M0 and M1, and somebody new before the cabinet. */
function reset(): void {
  must(vault.withdraw(me.memberId, clock.nowMs()));
  me = { ...me, memberId: `M5-${++runs}` };
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
}

type Step<A> =
  | { readonly do: 'act'; readonly action: A }
  | { readonly do: 'frame'; readonly report: FaceReport; readonly old: boolean }
  | { readonly do: 'camera'; readonly state: CameraState; readonly old: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'open' | 'close' };

/** What both screens have in common. */
interface Screen<A> {
  open(): unknown;
  close(): void;
  act(action: A): { ok: boolean };
  frame(nonce: string, report: FaceReport): { ok: boolean };
  camera(nonce: string, state: CameraState): { ok: boolean };
  readonly order: { nonce: string } | null;
  view(): { phase: string };
}

function stepsOf<A>(
  action: fc.Arbitrary<A>,
  report: fc.Arbitrary<FaceReport>,
  who: number,
): fc.Arbitrary<Step<A>[]> {
  const old = fc.constantFrom(false, false, false, true);
  const state = fc.constantFrom<CameraState>('live', 'live', 'live', 'busy', 'black', 'face_off');
  const one = (step: Step<A>): Step<A>[] => [step];
  // Some frames of the same kind after each other: single ones seldom come to anything.
  const frames = fc
    .record({ report, old, count: fc.integer({ min: 1, max: 6 }) })
    .map(({ count, ...frame }) => new Array<Step<A>>(count).fill({ do: 'frame', ...frame }));
  // And now and then somebody who does as the screen says.
  const willing = [0, 0, 0.05, 0.05, -0.05, 0, 0].map((yaw) => frameOf(who, 1, 0.99, yaw));
  const steps = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constant(willing.map((one): Step<A> => ({ do: 'frame', report: one, old: false }))),
    },
    { weight: 10, arbitrary: action.map((a) => one({ do: 'act', action: a })) },
    { weight: 14, arbitrary: frames },
    { weight: 1, arbitrary: fc.record({ state, old }).map((camera) => one({ do: 'camera', ...camera })) },
    { weight: 2, arbitrary: fc.constantFrom(1, 300, 2_500, 40_000).map((ms) => one({ do: 'wait', ms })) },
    { weight: 1, arbitrary: fc.constantFrom('open' as const, 'close' as const).map((it) => one({ do: it })) },
  );
  return fc.array(steps, { minLength: 1, maxLength: 30, size: 'max' }).map((all) => all.flat());
}

/** What is to be seen after every step; checks on the way that it is a view of the contract and nothing beside it. */
async function play<A>(
  make: (clock: FakeClock) => Screen<A>,
  schema: z.ZodType,
  steps: readonly Step<A>[],
  secrets: readonly string[],
): Promise<string[]> {
  reset();
  const clock = new FakeClock();
  const screen = make(clock);
  screen.open();
  const seen: string[] = [];
  const nonces: string[] = [];
  for (const step of steps) {
    const current = screen.order?.nonce;
    if (current !== undefined && nonces.at(-1) !== current) nonces.push(current);
    const isOld = (nonce: string): boolean => nonce !== current;
    if (step.do === 'frame' || step.do === 'camera') {
      const nonce = (step.old ? nonces.filter(isOld).at(-1) : current) ?? 'A'.repeat(22);
      const result =
        step.do === 'frame' ? screen.frame(nonce, step.report) : screen.camera(nonce, step.state);
      if (isOld(nonce)) expect(result).toMatchObject({ ok: false, error: { code: 'stale' } });
      if (!step.old) await clock.advance(100);
    } else if (step.do === 'wait') await clock.advance(step.ms);
    else if (step.do === 'act') screen.act(step.action);
    else screen[step.do]();
    const view = screen.view();
    expect(schema.parse(view)).toEqual(view);
    const text = JSON.stringify(view);
    for (const secret of secrets) expect(text).not.toContain(secret);
    if (!('old' in step) || !step.old) seen.push(text);
  }
  screen.close();
  return seen;
}

/** Ids of others, names of what never leaves main, and digits of the numbers in descriptors and scores. */
const secrets = [
  'M0',
  'M1',
  'M5',
  'score',
  'descriptor',
  'values',
  'centroid',
  'liveness',
  '0.12345',
  '0.99',
];

async function check<A>(
  make: (clock: FakeClock) => Screen<A>,
  schema: z.ZodType,
  action: fc.Arbitrary<A>,
  report: fc.Arbitrary<FaceReport>,
  who: number,
): Promise<Set<string>> {
  const phases = new Set<string>();
  await fc.assert(
    fc.asyncProperty(stepsOf(action, report, who), async (steps) => {
      const seen = await play(make, schema, steps, secrets);
      for (const text of seen) phases.add((JSON.parse(text) as { phase: string }).phase);
      // Without what came with the nonce of another order everything is the same.
      const current = steps.filter((step) => !('old' in step) || !step.old);
      expect(await play(make, schema, current, secrets)).toEqual(seen);
    }),
    { numRuns: 120, seed: 7 },
  );
  return phases;
}
test('the face screen: no sequence throws, shows more than a view, or lets an old order count', async () => {
  let acceptedCount = 0;
  const make = (clock: FakeClock): Screen<FaceAction> =>
    new FaceIdentification({
      ...{ vault, clock, logger: silent, random: countedRandom(0.5) },
      meta: memoryMeta(),
      settings: { camera: null, challengeAlways: false },
      onAccepted: () => acceptedCount++,
      onGone: () => undefined,
      onChange: () => undefined,
    });
  const action = fc.constantFrom<FaceAction>(
    { do: 'start' },
    { do: 'start' },
    { do: 'start' },
    { do: 'digits', digits: '0217' },
    { do: 'digits', digits: '1111' },
  );
  const phases = await check(make, faceViewSchema, action, reportOfPeople([0, 0, 0, 1, 9], [1, 1, 0.5]), 0);
  // The property has something to say.
  expect([...phases].sort()).toEqual(['digits', 'ended', 'looking', 'notice']);
  expect(acceptedCount).toBeGreaterThan(20);
});

test('account: the same', async () => {
  const make = (clock: FakeClock): Screen<FaceDataAction> => {
    const account = new FaceAccount({
      ...{ vault, clock, logger: silent, random: countedRandom(0.5) },
      settings: { camera: null, challengeAlways: false, unusedDays: 90 },
      ...{ onChange: () => undefined, onActive: () => undefined },
      enrolFace: () => Promise.resolve(ok(null)),
    });
    return {
      open: () => account.open(me),
      close: () => account.close(),
      act: (one) => account.act(one),
      frame: (nonce, one) => account.frame(nonce, one),
      camera: (nonce, state) => account.camera(nonce, state),
      get order() {
        return account.order;
      },
      view: () => account.view(),
    };
  };
  const agree: FaceDataAction = {
    ...{ do: 'agree', consentVersion: faceConsentVersion },
    ...{ agreed: true, fourteenOrOlder: true },
  };
  const action = fc.constantFrom<FaceDataAction>(
    ...new Array<FaceDataAction>(6).fill(agree),
    ...new Array<FaceDataAction>(4).fill({ do: 'enrol' }),
    { ...agree, consentVersion: 'older' },
    { do: 'menu' },
    { do: 'records' },
    { do: 'withdraw' },
    { do: 'confirmWithdraw' },
  );
  const phases = await check(
    make,
    accountViewSchema,
    action,
    reportOfPeople([5, 5, 5, 5, 5, 5, 5, 0, 9], [1]),
    5,
  );
  for (const phase of ['menu', 'consent', 'capture', 'trial', 'enrolled', 'enrol_ended', 'records']) {
    expect(phases).toContain(phase);
  }
});
