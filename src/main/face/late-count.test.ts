import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { descriptorOf, reportOf } from '../../testkit/core/faces.ts';
import { frameOf, must, openVault, templateOf } from '../../testkit/main/face/people.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { descriptorLengths } from '../../shared/model/face.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';
import { FaceIdentification } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';

/** What is written between the frame that lets in and the door counts for how late that is, whatever it is. */
let clock: FakeClock;
let vault: FaceVault;
let meta: ReturnType<typeof memoryMeta>;
let removeFolder: () => void;
let accepted: string[];
let screen: FaceIdentification;

beforeEach(() => {
  const scratch = makeScratchFolder();
  [removeFolder, clock, accepted, meta] = [scratch.remove, new FakeClock(), [], memoryMeta()];
  vault = openVault(scratch.path, clock, silentLogger);
  must(
    vault.put({ template: templateOf(0), phoneDigits: '0217', consentVersion: 'v1', atMs: clock.nowMs() }),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  screen.stop();
  vault.close();
  removeFolder();
});

function open(challengeAlways: boolean): void {
  screen = new FaceIdentification({
    ...{ vault, clock, meta, logger: silentLogger, random: countedRandom() },
    settings: { camera: 'Front', challengeAlways },
    onAccepted: (memberId) => accepted.push(memberId),
    onGone: () => undefined,
    onChange: () => undefined,
  });
  screen.open();
  must(screen.act({ do: 'start' }));
}

/** M0, that much like the enrolled face, the rest into a direction of its own on this side. */
function lit(similarity: number, side: 1 | -1, yaw = 0.02): FaceReport {
  const values = new Array<number>(descriptorLengths['fr-feature-512']).fill(0);
  values[0] = similarity * 20;
  values[300] = side * Math.sqrt(1 - similarity ** 2) * 20;
  return { ...reportOf({ yaw }), descriptor: { ...descriptorOf(0), values } };
}

function frame(report: FaceReport): Promise<void> {
  const { order } = screen;
  if (order !== null) must(screen.frame(order.nonce, report));
  return clock.advance(100);
}

/** The n-th write of how often somebody has looked, from now, takes so long. */
function block(nth: number, ms: number): string[] {
  const set = meta.set.bind(meta);
  const written: string[] = [];
  let count = 0;
  vi.spyOn(meta, 'set').mockImplementation((...args) => {
    written.push(args.join(' '));
    if (++count === nth) clock.skip(ms);
    return set(...args);
  });
  return written;
}

test.each([
  [0, ['M0']],
  [60_000, []],
])('the frame that lets in counts one person more, and the disk takes %i ms for that', async (ms, who) => {
  open(false);
  await frame(lit(0.6, 1));
  const written = block(1, ms);
  await frame(lit(0.6, -1));
  expect({ accepted, written }).toMatchObject({ accepted: who });
});

test.each([
  [0, ['M0']],
  [4_000, ['M0']],
  [60_000, []],
])(
  'the member, somebody else at the same place, the member again: the disk takes %i ms to count the last',
  async (ms, who) => {
    open(false);
    await frame(frameOf(0));
    await frame(frameOf(7));
    expect(accepted).toEqual([]);
    const written = block(1, ms);
    await frame(frameOf(0));
    expect({ accepted, written }).toMatchObject({ accepted: who });
  },
);
