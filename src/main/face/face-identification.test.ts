import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { darkReport, emptyReport, reportOf } from '../../testkit/core/faces.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type { FaceView } from '../../shared/model/face-view.schema.ts';
import { cameraOrderSchema, faceViewSchema } from '../../shared/model/face-view.schema.ts';
import { fail } from '../../shared/result.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { cameraLimits } from './camera-session.ts';
import { CameraTurn } from './camera-turn.ts';
import { FaceIdentification, attemptLimit, wrongDigitsLimit } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';
import { frameOf, must, openVault, templateOf } from '../../testkit/main/face/people.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';

const frameMs = 100;
let clock: FakeClock;
let vault: FaceVault;
let meta: ReturnType<typeof memoryMeta>;
let removeFolder: () => void;
let accepted: string[];
let [gone, changes] = [0, 0];
let logged: string[];
let screen: FaceIdentification;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  [clock, accepted, gone, changes, logged] = [new FakeClock(), [], 0, 0, []];
  const log = (event: string, fields?: object): unknown => logged.push(JSON.stringify({ event, fields }));
  const logger = { debug: log, info: log, warn: log, error: log };
  vault = openVault(scratch.path, clock, logger);
  for (const [index, phoneDigits] of ['0217', null].entries()) {
    must(vault.put({ template: templateOf(index), phoneDigits, consentVersion: 'v1', atMs: clock.nowMs() }));
  }
  meta = memoryMeta();
  screen = make(false);
  screen.open();
});
afterEach(() => {
  vi.restoreAllMocks();
  vault.close();
  removeFolder();
});

function make(challengeAlways: boolean): FaceIdentification {
  const log = (event: string, fields?: object): unknown => logged.push(JSON.stringify({ event, fields }));
  return new FaceIdentification({
    ...{ vault, clock, logger: { debug: log, info: log, warn: log, error: log } },
    random: countedRandom(),
    meta,
    settings: { camera: 'Front', challengeAlways },
    turn: new CameraTurn({
      configured: null,
      keep: () => true,
      logger: { debug: log, info: log, warn: log, error: log },
      tellStaff: log,
    }),
    onAccepted: (memberId) => accepted.push(memberId),
    onGone: () => gone++,
    onChange: () => changes++,
  });
}
const start = (): void => void must(screen.act({ do: 'start' }));
function nonce(): string {
  if (screen.order === null) throw new Error(`the camera is off: ${screen.view().phase}`);
  return screen.order.nonce;
}
/** Frames one after the other, until the attempt ends. */
async function show(report: FaceReport, count = 100): Promise<void> {
  for (let i = 0; i < count && screen.view().phase === 'looking'; i++) {
    must(screen.frame(nonce(), report));
    await clock.advance(frameMs);
  }
}
const same = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const guide = (): string => {
  const view = screen.view();
  return view.phase === 'looking' ? view.guide : view.phase;
};
const ended = (why: string): FaceView => ({ phase: 'ended', why }) as FaceView;
const used = (index: number): number =>
  must(vault.records(`M${index}`, 100)).newest.filter(({ kind }) => kind === 'used').length;

describe('from the notice to the answer', () => {
  test('the camera has no order before it is asked for, and then one that fits the contract', () => {
    expect(screen.view()).toEqual({ phase: 'notice' });
    expect(screen.order).toBeNull();
    start();
    const looking = { phase: 'looking', guide: 'starting', progress: 0 };
    expect(faceViewSchema.parse(screen.view())).toEqual(looking);
    const order = { nonce: nonce(), purpose: 'identify', embedder: 'fr-feature-512', camera: 'Front' };
    expect(cameraOrderSchema.parse(screen.order)).toMatchObject(order);
    expect(screen.act({ do: 'start' })).toMatchObject({ ok: false, error: { code: 'stale' } });
  });

  test('nobody before the camera, attempt after attempt: the next ones have it turned', async () => {
    const turns: (number | undefined)[] = [];
    const nobody = {
      ...frameOf(0),
      faceCount: 0,
      face: null,
      descriptor: null,
      problems: ['no_face' as const],
    };
    for (let attempt = 0; attempt < 5; attempt++) {
      screen.open();
      start();
      turns.push(screen.order === null ? -1 : screen.order.rotation);
      await show(nobody, 12);
      screen.close();
      await clock.advance(60_000);
    }
    expect(turns).toEqual([undefined, undefined, undefined, 90, 180]);
  });

  test('a known face: accepted once, on record, and the camera is off before anybody hears of it', async () => {
    start();
    const first = nonce();
    await show(frameOf(0), 1);
    expect(guide()).toBe('hold');
    expect(accepted).toEqual([]);
    await show(frameOf(0), 1);
    expect(accepted).toEqual(['M0']);
    expect(screen.view()).toEqual({ phase: 'notice' });
    expect(screen.frame(first, frameOf(0))).toMatchObject({ ok: false, error: { code: 'stale' } });
    expect(used(0)).toBe(1);
    expect(must(vault.info('M0'))?.lastUsedAtMs).toBe(clock.nowMs() - frameMs);
    await clock.advance(60_000);
    expect(accepted).toEqual(['M0']);
  });

  test('a stranger, and a picture: the code; once more is possible', async () => {
    start();
    await show(frameOf(7));
    expect(screen.view()).toEqual(ended('not_recognised'));
    start();
    await show(frameOf(0, 1, 0.1));
    expect(screen.view()).toEqual(ended('not_alive'));
    start();
    await show(frameOf(0));
    expect(accepted).toEqual(['M0']);
  });

  test('one instruction at a time; "once more" stays long enough to be read', async () => {
    start();
    await show(reportOf({}, 0, ['too_far', 'blurred']), 1);
    expect(guide()).toBe('too_far');
    await show(frameOf(7), 3);
    expect(guide()).toBe('look_again');
    await show(frameOf(7), 1);
    expect(guide()).toBe('look_again');
    await show(reportOf({}, 0, ['too_dark']), 1);
    expect(guide()).toBe('too_dark');
  });

  test('a challenge where it is always asked for', async () => {
    screen = make(true);
    screen.open();
    start();
    await show(frameOf(0), 2);
    expect(guide()).toBe('blink');
    const closed = frameOf(0);
    await show({ ...closed, face: { ...closed.face!, eyeOpenness: 0.1 } }, 1);
    expect(accepted).toEqual([]);
    await show(frameOf(0), 1);
    expect(accepted).toEqual(['M0']);
  });

  test('nobody there: reported once, and the screen is over', async () => {
    start();
    await show(frameOf(0), 1);
    await show(emptyReport);
    expect(gone).toBe(1);
    expect(screen.view()).toEqual({ phase: 'notice' });
    expect(screen.act({ do: 'start' })).toMatchObject({ ok: false });
  });

  test('a night in which no face is found: light is asked for, and the code offered; nobody has left', async () => {
    start();
    await show(darkReport, 1);
    expect(guide()).toBe('too_dark');
    await show(darkReport);
    expect(screen.view()).toEqual(ended('time'));
    expect(gone).toBe(0);
  });

  test('five seconds from the first frame, not from the order', async () => {
    start();
    await clock.advance(3_000);
    const before = clock.monotonicMs();
    await show(reportOf({}, 0, ['blurred']));
    expect(screen.view()).toEqual(ended('time'));
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(5_000);
    expect(clock.monotonicMs() - before).toBeLessThan(5_300);
  });

  test('what cannot be put on record does not open', async () => {
    start();
    await show(frameOf(0), 1);
    vi.spyOn(vault, 'touch').mockReturnValue(fail('storage.io', 'disk full'));
    await show(frameOf(0), 1);
    expect(accepted).toEqual([]);
    expect(screen.view()).toEqual(ended('face_off'));
  });

  test.each([
    [4_000, ['M0']],
    [60_000, []],
  ])('what the disk takes %i ms to put on record opens only while they stand there', async (ms, who) => {
    start();
    await show(frameOf(0), 1);
    const touch = vault.touch.bind(vault);
    vi.spyOn(vault, 'touch').mockImplementation((...args) => (clock.skip(ms), touch(...args)));
    await show(frameOf(0), 1);
    expect(accepted).toEqual(who);
  });

  /** The disk of kaimen.db, where it is kept how often somebody has tried, blocks for so long the n-th time from now. */
  const blockMeta = (nth: number, ms: number): void => {
    const set = meta.set.bind(meta);
    let count = 0;
    vi.spyOn(meta, 'set').mockImplementation((...args) => {
      if (++count === nth) clock.skip(ms);
      return set(...args);
    });
  };

  test.each([
    [4_000, ['M0']],
    [60_000, []],
  ])('what the disk takes %i ms to count no more opens only while they stand there', async (ms, who) => {
    start();
    await show(frameOf(0), 1);
    blockMeta(1, ms);
    await show(frameOf(0));
    expect(accepted).toEqual(who);
  });

  test.each([
    ['counted', 1, 4_000, ['M0']],
    ['counted', 1, 60_000, []],
    ['counted no more', 2, 60_000, []],
    ['and the look counted no more', 3, 60_000, []],
  ])('digits %s (write %i) in %i ms open only while they stand there', async (_, nth, ms, who) => {
    start();
    await show(frameOf(0, 0.5));
    expect(screen.view()).toEqual({ phase: 'digits' });
    blockMeta(nth, ms);
    must(screen.act({ do: 'digits', digits: '0217' }));
    expect(accepted).toEqual(who);
  });

  test('a change is emitted when there is something to see, not for every frame', async () => {
    start();
    await show(reportOf({}, 0, ['blurred']), 1);
    const before = changes;
    await show(reportOf({}, 0, ['blurred']), 20);
    expect(changes).toBe(before);
  });
});

describe('the last four digits', () => {
  test.each([
    ['0217', ['M0'], 1],
    ['0218', [], 0],
  ])('%s', async (digits, who, uses) => {
    start();
    await show(frameOf(0, 0.5));
    expect(screen.view()).toEqual({ phase: 'digits' });
    must(screen.act({ do: 'digits', digits }));
    expect(accepted).toEqual(who);
    expect(used(0)).toBe(uses);
    expect(screen.act({ do: 'digits', digits: '0217' })).toMatchObject({ error: { code: 'stale' } });
    if (uses === 0) expect(screen.view()).toEqual(ended('digits_wrong'));
  });

  test('are not asked of whom none are known', async () => {
    start();
    await show(frameOf(1, 0.5));
    expect(screen.view()).toEqual(ended('not_recognised'));
  });

  test('are not asked any more where they were wrong again and again', async () => {
    for (let i = 0; i < wrongDigitsLimit.max; i++) {
      start();
      await show(frameOf(0, 0.5));
      must(screen.act({ do: 'digits', digits: '9999' }));
    }
    start();
    await show(frameOf(0, 0.5));
    expect(screen.view()).toEqual(ended('not_recognised'));
    await clock.advance(wrongDigitsLimit.perMs);
    start();
    await show(frameOf(0, 0.5));
    expect(screen.view()).toEqual({ phase: 'digits' });
  });

  test('digits that cannot be counted are not compared, the right ones neither', async () => {
    start();
    await show(frameOf(0, 0.5));
    vi.spyOn(meta, 'set').mockReturnValue(fail('storage.io', 'disk full'));
    must(screen.act({ do: 'digits', digits: '0217' }));
    expect(accepted).toEqual([]);
    expect(screen.view()).toEqual(ended('face_off'));
  });

  test('right digits use up nothing', async () => {
    for (let i = 0; i <= wrongDigitsLimit.max; i++) {
      screen.open();
      start();
      await show(frameOf(0, 0.5));
      must(screen.act({ do: 'digits', digits: '0217' }));
    }
    expect(accepted).toHaveLength(wrongDigitsLimit.max + 1);
  });
});

describe('the camera', () => {
  test.each(['missing', 'busy', 'denied', 'black', 'frozen', 'face_off'] as const)('%s: said', (why) => {
    start();
    const order = nonce();
    must(screen.camera(order, why));
    expect(screen.view()).toEqual(ended(why));
    expect(screen.camera(order, 'live')).toMatchObject({ error: { code: 'stale' } });
  });

  test('that never starts, whose worker says nothing, or that falls silent has an end', async () => {
    start();
    await clock.advance(cameraLimits.startMs - 1);
    expect(guide()).toBe('starting');
    await clock.advance(cameraLimits.tickMs);
    expect(screen.view()).toEqual(ended('busy'));
    start();
    await clock.advance(3_000);
    must(screen.camera(nonce(), 'live'));
    await clock.advance(3_000);
    must(screen.camera(nonce(), 'live'));
    expect(guide()).toBe('starting');
    await clock.advance(cameraLimits.firstFrameMs - 3_000 - cameraLimits.tickMs);
    expect(guide()).toBe('starting');
    await clock.advance(2 * cameraLimits.tickMs);
    expect(screen.view()).toEqual(ended('face_off'));
    start();
    await show(reportOf({}, 0, ['blurred']), 1);
    await clock.advance(cameraLimits.silenceMs + cameraLimits.tickMs);
    expect(screen.view()).toEqual(ended('frozen'));
  });

  test('of a slow machine is not broken: who is at work is waited for, and not without end', async () => {
    start();
    must(screen.camera(nonce(), 'live'));
    for (let step = 0; step < 8; step++) {
      await clock.advance(cameraLimits.firstFrameMs - cameraLimits.tickMs);
      must(screen.camera(nonce(), 'working'));
    }
    expect(guide()).toBe('starting');
    await show(reportOf({}, 0, ['blurred']), 1);
    await clock.advance(cameraLimits.silenceMs - cameraLimits.tickMs);
    must(screen.camera(nonce(), 'working'));
    expect(screen.view()).toMatchObject({ phase: 'looking' });
    const order = nonce();
    for (let word = 0; word <= cameraLimits.workingMax; word++) {
      await clock.advance(cameraLimits.tickMs);
      screen.camera(order, 'working');
    }
    await clock.advance(cameraLimits.silenceMs + cameraLimits.tickMs);
    expect(screen.view()).toEqual(ended('frozen'));
  });

  test('of an earlier order, or of none, does not count', async () => {
    start();
    const old = nonce();
    screen.close();
    screen.open();
    expect(screen.frame(old, frameOf(0))).toMatchObject({ error: { code: 'stale' } });
    start();
    expect(nonce()).not.toBe(old);
    for (let i = 0; i < 5; i++) {
      expect(screen.frame(old, frameOf(0))).toMatchObject({ error: { code: 'stale' } });
      expect(screen.camera(old, 'missing')).toMatchObject({ error: { code: 'stale' } });
      await clock.advance(frameMs);
    }
    expect(guide()).toBe('starting');
    expect(accepted).toEqual([]);
  });

  test('frames faster than any camera are dropped', () => {
    start();
    for (let i = 0; i < 50; i++) must(screen.frame(nonce(), frameOf(0)));
    expect(accepted).toEqual([]);
  });

  test.each<[string, FaceReport]>([
    ['too short', { ...frameOf(0), descriptor: { model: 'fr-feature-512', values: [1.234567, 2] } }],
    ['not numbers', { ...frameOf(0), descriptor: { model: 'fr-feature-512', values: same(512, NaN) } }],
    ['infinite', { ...frameOf(0), descriptor: { model: 'fr-feature-512', values: same(512, 1e308) } }],
    ['of no direction', { ...frameOf(0), descriptor: { model: 'fr-feature-512', values: same(512, 0) } }],
    [
      'of another model',
      { ...frameOf(0), descriptor: { model: 'face-api-128', values: same(128, 1.234567) } },
    ],
  ])(
    'a descriptor that is %s: refused, said once without values, and the attempt goes on',
    async (_, report) => {
      start();
      for (let i = 0; i < 3; i++) {
        expect(screen.frame(nonce(), report)).toMatchObject({ ok: false, error: { code: 'bad_request' } });
        await clock.advance(frameMs);
      }
      const lines = logged.filter((line) => line.includes('frame_refused'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain('1.234567');
      await show(frameOf(0));
      expect(accepted).toEqual(['M0']);
    },
  );
});

describe('how often', () => {
  test('a family of five, three attempts each in two minutes, never meets the limit', async () => {
    for (let i = 0; i < 15; i++) {
      start();
      await show(frameOf(7));
      expect(screen.view()).toEqual(ended('not_recognised'));
      await clock.advance(8_000 - 6 * frameMs);
    }
  });

  test('who holds one face after the other before it does, and not for ever', async () => {
    for (let i = 0; i < attemptLimit.max; i++) {
      start();
      await show(frameOf(7), 2);
      // Leaving in the middle does not make it free.
      screen.close();
      screen.open();
    }
    start();
    expect(screen.view()).toEqual(ended('rate_limited'));
    await clock.advance(attemptLimit.perMs);
    start();
    await show(frameOf(0));
    expect(accepted).toEqual(['M0']);
  });

  test('people who are recognised do not count', async () => {
    for (let i = 0; i < 3 * attemptLimit.max; i++) {
      start();
      await show(frameOf(0));
      screen.open();
    }
    expect(accepted).toHaveLength(3 * attemptLimit.max);
  });
});
