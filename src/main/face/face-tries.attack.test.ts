import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { CameraTurn } from './camera-turn.ts';
import { FaceAccount } from './face-account.ts';
import { FaceIdentification, attemptLimit, wrongDigitsLimit } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';
import { frameOf, keepFace, must, openVault, templateOf } from '../../testkit/main/face/people.ts';
import { ok } from '../../shared/result.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';

/** Whoever holds one picture after the other before the camera, or asks for the same thing a thousand times. */
const frameMs = 60;
let clock: FakeClock;
let vault: FaceVault;
let meta: ReturnType<typeof memoryMeta>;
let removeFolder: () => void;
let accepted: string[];

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  accepted = [];
  meta = memoryMeta();
  vault = openVault(scratch.path, clock, silentLogger);
  keepFace(vault, 0, clock.nowMs());
});
afterEach(() => {
  vault.close();
  removeFolder();
});

const common = () => ({
  ...{ vault, clock, logger: silentLogger },
  random: countedRandom(),
});
function openScreen(): FaceIdentification {
  const screen = new FaceIdentification({
    ...common(),
    meta,
    settings: { camera: null, challengeAlways: false },
    turn: new CameraTurn({
      configured: null,
      keep: () => true,
      logger: silentLogger,
      tellStaff: () => undefined,
    }),
    onAccepted: (memberId) => accepted.push(memberId),
    onGone: () => undefined,
    onChange: () => undefined,
  });
  screen.open();
  must(screen.act({ do: 'start' }));
  return screen;
}
async function show(screen: FaceIdentification, report: FaceReport): Promise<void> {
  if (screen.order === null) return;
  must(screen.frame(screen.order.nonce, report));
  await clock.advance(frameMs);
}
/** The same frame with its face at another place in the picture. */
function movedTo(x: number, report: FaceReport): FaceReport {
  if (report.face === null) throw new Error('no face');
  return { ...report, face: { ...report.face, box: { ...report.face.box, x } } };
}

test.each([
  ['each at another place', (i: number) => (i % 2) * 5_000],
  ['all at one place', () => 200],
])('45 faces in one look are 45 tries, %s: the last one does not open', async (_, placeOf) => {
  const screen = openScreen();
  let shownCount = 0;
  for (let i = 1; i < 45; i++) {
    // A look that has ended is begun again, as whoever tries would.
    if (screen.order === null) screen.act({ do: 'start' });
    if (screen.order !== null) shownCount++;
    await show(screen, movedTo(placeOf(i), frameOf(20 + i)));
  }
  expect(shownCount).toBeLessThanOrEqual(attemptLimit.max + 1);
  for (let i = 0; i < 3; i++) await show(screen, movedTo(placeOf(45), frameOf(0)));
  expect(accepted).toEqual([]);
  expect(screen.view()).toEqual({ phase: 'ended', why: 'rate_limited' });
  // The limit holds for the next look, too.
  must(screen.act({ do: 'start' }));
  expect(screen.view()).toEqual({ phase: 'ended', why: 'rate_limited' });
  await clock.advance(attemptLimit.perMs);
  must(screen.act({ do: 'start' }));
  for (let i = 0; i < 3; i++) await show(screen, frameOf(0));
  expect(accepted).toEqual(['M0']);
});

test('one person who moves about is one try', async () => {
  for (let look = 0; look < attemptLimit.max; look++) {
    const screen = openScreen();
    for (let i = 0; i < 3; i++) await show(screen, movedTo(200 + 20 * i, frameOf(0)));
  }
  expect(accepted).toHaveLength(attemptLimit.max);
});

test.each([false, true])('whoever pulls the plug (%s) has no more wrong digits an hour', async (isPulled) => {
  must(
    vault.put({ template: templateOf(1), phoneDigits: '0217', consentVersion: 'v1', atMs: clock.nowMs() }),
  );
  let tries = 0;
  for (let run = 0; run < 6; run++) {
    const screen = openScreen();
    for (let i = 0; i < wrongDigitsLimit.max + 2; i++) {
      if (screen.view().phase !== 'looking') must(screen.act({ do: 'start' }));
      for (let n = 0; n < 100 && screen.view().phase === 'looking'; n++) await show(screen, frameOf(1, 0.5));
      if (screen.view().phase !== 'digits') break;
      must(screen.act({ do: 'digits', digits: '9999' }));
      tries++;
    }
    screen.stop();
    if (!isPulled) break;
    await clock.advance(60_000);
  }
  expect(tries).toBe(wrongDigitsLimit.max);
});

test('whoever pulls the plug has no more looks a minute', async () => {
  for (let look = 0; look < attemptLimit.max; look++) {
    const screen = openScreen();
    await show(screen, frameOf(20 + look));
    screen.stop();
  }
  expect(openScreen().view()).toEqual({ phase: 'ended', why: 'rate_limited' });
});

test('a thousand looks at the record in one visit are one entry of it', () => {
  const account = new FaceAccount({
    ...common(),
    settings: { camera: null, challengeAlways: false, unusedDays: 90 },
    enrolFace: () => Promise.resolve(ok(null)),
    onChange: () => undefined,
    onActive: () => undefined,
  });
  const member = { memberId: 'M0', by: 'code', display: '', phoneDigits: null } as const;
  const exported = (): number =>
    must(vault.records('M0', 5_000)).newest.filter(({ kind }) => kind === 'exported').length;
  must(account.open(member));
  for (let i = 0; i < 1_000; i++) {
    must(account.act({ do: 'records' }));
    must(account.act({ do: 'menu' }));
  }
  expect(exported()).toBe(1);
  account.close();
  // Another visit is another look.
  must(account.open(member));
  must(account.act({ do: 'records' }));
  expect(exported()).toBe(2);
});
