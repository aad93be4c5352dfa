import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { FaceDataAction, CameraState, FaceAction } from '../../shared/model/face-view.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { FaceVault } from './face-vault.ts';
import { FaceHarness } from '../../testkit/main/face/face-harness.ts';
import { frameOf, must, openVault, reportOfPeople, templateOf } from '../../testkit/main/face/people.ts';

const silent = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
const members = ['M0', 'M1', 'M2'];
let vault: FaceVault;
let removeFolder: () => void;
beforeAll(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  vault = openVault(scratch.path, new FakeClock(), silent);
});
afterAll(() => {
  vault.close();
  removeFolder();
});

type Step =
  | { readonly do: 'face'; readonly action: FaceAction }
  | { readonly do: 'account'; readonly action: FaceDataAction }
  | { readonly do: 'visit'; readonly event: VisitEvent }
  | { readonly do: 'frame'; readonly report: FaceReport }
  | { readonly do: 'camera'; readonly state: CameraState }
  | { readonly do: 'wait'; readonly ms: number };

const start: Step = { do: 'face', action: { do: 'start' } };
const choose: Step = { do: 'visit', event: { type: 'chooseAccount', by: 'face' } };
const account = (action: FaceDataAction['do']): Step => ({
  do: 'account',
  action: { do: action } as FaceDataAction,
});
const agree: Step = {
  do: 'account',
  action: {
    ...{ do: 'agree', consentVersion: faceConsentVersion },
    ...{ agreed: true, fourteenOrOlder: true },
  },
};
const one = (...steps: Step[]): Step[] => steps;
const attempt = (person: number): Step[] =>
  one(
    ...[choose, start],
    ...Array.from({ length: 3 }, (): Step => ({ do: 'frame', report: frameOf(person) })),
  );
const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 9).map(attempt) },
      { weight: 2, arbitrary: fc.constant(one(account('withdraw'), account('confirmWithdraw'))) },
      {
        weight: 6,
        arbitrary: fc
          .constantFrom(choose, start, account('withdraw'), account('confirmWithdraw'), account('menu'))
          .map((step) => one(step)),
      },
      {
        weight: 2,
        arbitrary: fc
          .constantFrom(account('enrol'), agree, account('records'), {
            ...{ do: 'face' as const, action: { do: 'digits' as const, digits: '0217' } },
          })
          .map((step) => one(step)),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom<VisitEvent>({ type: 'cancel' }, { type: 'finish' }, { type: 'active' })
          .map((event) => one({ do: 'visit', event })),
      },
      {
        weight: 5,
        arbitrary: fc
          .tuple(reportOfPeople([0, 1, 2, 9], [1, 1, 0.5]), fc.integer({ min: 1, max: 6 }))
          .map(([report, count]) => new Array<Step>(count).fill({ do: 'frame', report })),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom<CameraState>('live', 'busy', 'black', 'face_off')
          .map((state) => one({ do: 'camera', state })),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(300, 2_500, 70_000).map((ms) => one({ do: 'wait', ms })),
      },
    ),
    { minLength: 1, maxLength: 30, size: 'max' },
  )
  .map((all) => all.flat());

const enrolled = (): string[] => members.filter((memberId) => must(vault.info(memberId)) !== null);

async function perform(harness: FaceHarness, clock: FakeClock, step: Step): Promise<void> {
  const nonce = harness.nonce ?? 'A'.repeat(22);
  if (step.do === 'face') harness.faces.identification.act(step.action);
  else if (step.do === 'account') harness.faces.account.act(step.action);
  else if (step.do === 'visit') harness.dispatch(step.event);
  else if (step.do === 'wait') await clock.advance(step.ms);
  else {
    if (step.do === 'frame') harness.faces.frame(nonce, step.report);
    else harness.faces.camera(nonce, step.state);
    await clock.advance(100);
  }
}

/** Whom a frame shows, as far as it is any use; null: nobody that could be told. */
function personIn(report: FaceReport): string | null {
  const values = report.descriptor?.values ?? [];
  const index = members.findIndex((_, i) => (values[i] ?? 0) > 0.3);
  return members[index] ?? null;
}

test('without a network: nothing is wanted of door or operator, and nobody deletes the face of another', async () => {
  let [deletedCount, identifiedCount] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const clock = new FakeClock();
      for (const index of [0, 1, 2]) {
        must(
          vault.put({
            template: templateOf(index),
            phoneDigits: '0217',
            consentVersion: 'v1',
            atMs: clock.nowMs(),
          }),
        );
      }
      const harness = new FaceHarness(vault, clock, silent);
      /** Of whom frames came since the camera started. */
      let seen: string[] = [];
      for (const step of all) {
        const before = {
          enrolled: enrolled(),
          recognisedMemberId: harness.visit.context.recognisedMemberId,
          nonce: harness.nonce,
        };
        if (step.do === 'frame' && before.nonce !== null) {
          seen = [...seen, personIn(step.report) ?? 'nobody'];
        }
        await perform(harness, clock, step);
        const { state, context } = harness.visit;
        expect(['attract', 'identifyingByFace', 'account']).toContain(state);
        expect(context).toMatchObject({ visitId: null, chargeId: null, member: null });
        // The page has no camera but on the face screen, and nobody is ever enrolled.
        if (state !== 'identifyingByFace') expect(harness.faces.cameraOrder).toBeNull();
        const gone = before.enrolled.filter((memberId) => !enrolled().includes(memberId));
        expect(enrolled().every((memberId) => before.enrolled.includes(memberId))).toBe(true);
        if (gone.length > 0) {
          expect(gone).toEqual([before.recognisedMemberId]);
          expect(step).toEqual(account('confirmWithdraw'));
          deletedCount++;
        }
        if (before.recognisedMemberId === null && context.recognisedMemberId !== null) {
          // Who comes in has stood before the camera, twice at least.
          expect(
            seen.filter((memberId) => memberId === context.recognisedMemberId).length,
          ).toBeGreaterThanOrEqual(2);
          expect(before.enrolled).toContain(context.recognisedMemberId);
          identifiedCount++;
        }
        if (harness.nonce === null && harness.shown !== 'digits') seen = [];
      }
      expect(harness.effects).toEqual([]);
      harness.stop();
    }),
    { numRuns: 80, seed: 7 },
  );
  // The property has something to say.
  expect(identifiedCount).toBeGreaterThan(50);
  expect(deletedCount).toBeGreaterThan(10);
});
