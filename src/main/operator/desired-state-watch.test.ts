import { expect, it } from 'vitest';
import type { DesiredStateReply, DesiredStateRequest } from '../../shared/api/desired-state.schema.ts';
import { desiredParts, desiredStateWaitMaxMs, nothingKnown } from '../../shared/api/desired-state.schema.ts';
import { FakeClock } from '../../shared/clock.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { DesiredStateWatch, inForceEveryMs } from './desired-state-watch.ts';
import type { OperatorFailure } from './operator-client.ts';

type Reply = Result<DesiredStateReply, OperatorFailure>;
interface Asked {
  readonly request: DesiredStateRequest;
  readonly signal: AbortSignal;
  readonly atMs: number;
  readonly answer: (reply: Reply) => void;
}

const marks = {
  ...{ catalog: 'c1', offlinePolicy: 'p1', cabinetStaff: 's1', planogram: 'g1', wantedEvidence: 'w1' },
  ...{ cabinetSettings: 'n1', updateOrder: 'o1', promotions: 'd1' },
};
const minute = 60_000;

/** `answerTo`: what the operator says at once; null: it holds the question. */
function setUp(answerTo: (request: DesiredStateRequest) => Reply | null = () => null) {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const looks: string[] = [];
  const world = { isOnline: true, app: '1.0.0', answerTo };
  let onLink: (isOnline: boolean) => void = () => undefined;
  const look = (part: string) => () => void looks.push(part);
  const watch = new DesiredStateWatch({
    feed: {
      desiredState: (request, signal) =>
        new Promise((resolve) => {
          asked.push({ request, signal, atMs: clock.monotonicMs(), answer: resolve });
          signal.addEventListener('abort', () => resolve(fail('network.timeout', 'given up')));
          const said = world.answerTo(request);
          if (said !== null) resolve(said);
        }),
    },
    link: {
      isOnline: () => world.isOnline,
      onChange: (listener) => {
        onLink = listener;
        return () => {
          onLink = () => undefined;
        };
      },
    },
    inForce: () => ({
      ...{ app: world.app, catalog: null, offlinePolicy: null },
      ...{ cabinetStaff: null, updateOrder: null },
    }),
    changed: {
      catalog: look('catalog'),
      offlinePolicy: look('offlinePolicy'),
      cabinetStaff: look('cabinetStaff'),
      cabinetSettings: look('cabinetSettings'),
      updateOrder: look('updateOrder'),
      promotions: look('promotions'),
      planogram: look('planogram'),
      wantedEvidence: look('wantedEvidence'),
    },
    clock,
    random: () => 0.5,
    logger: silentLogger,
  });
  const setLink = (isOnline: boolean): void => {
    world.isOnline = isOnline;
    onLink(isOnline);
  };
  return { clock, asked, looks, world, watch, setLink };
}
const tell = (said: Partial<typeof marks> = {}, spreadMs = 0): Reply =>
  ok({ marks: { ...marks, ...said }, spreadMs });

it('looks at what has changed, and at nothing else, within a second of the word', async () => {
  const { clock, asked, looks, watch } = setUp();
  watch.start();
  await clock.advance(10);
  asked.at(-1)?.answer(tell());
  await clock.advance(2_000);
  expect(looks.splice(0).sort()).toEqual([...desiredParts].sort());
  expect(asked.at(-1)?.request).toEqual({ waitMs: desiredStateWaitMaxMs, known: marks, inForce: null });
  await clock.advance(20_000);
  asked.at(-1)?.answer(tell({ updateOrder: 'o2' }));
  await clock.advance(100);
  expect(looks).toEqual(['updateOrder']);
  expect(asked.at(-1)?.request.known.updateOrder).toBe('o2');
  expect(asked).toHaveLength(3);
  watch.stop();
});

it('spreads its look over the time that it is told, and does not look twice for two words', async () => {
  const { clock, asked, looks, watch } = setUp();
  watch.start();
  await clock.advance(10);
  asked.at(-1)?.answer(tell({}, 40_000));
  await clock.advance(10_000);
  asked.at(-1)?.answer(tell({ catalog: 'c2' }, 40_000));
  await clock.advance(9_000);
  expect(looks).toEqual([]);
  await clock.advance(40_000);
  expect(looks.sort()).toEqual([...desiredParts].sort());
  watch.stop();
});

it.each([
  ['the same for ever', () => tell()],
  [
    'something else each time',
    ({ known }: DesiredStateRequest) => tell({ catalog: `${known.catalog}x`.slice(-60) }),
  ],
  ['an error', () => fail('operator.unavailable', '503')],
  ['garbage, or too much', () => fail('operator.garbage', 'an answer of more than so many bytes')],
  ['what nobody has signed', () => fail('network.unproven', 'unsigned')],
  ['that it knows no such call', () => fail('operator.not_served', '404')],
] as [string, (request: DesiredStateRequest) => Reply][])(
  'an operator that answers at once with %s is asked once a minute, no more',
  async (_, answerTo) => {
    const { clock, asked, looks, watch } = setUp(answerTo);
    watch.start();
    await clock.advance(10 * minute);
    const [before, looked] = [asked.length, looks.length];
    expect(before).toBeLessThan(25);
    await clock.advance(60 * minute);
    expect(asked.length - before).toBeLessThanOrEqual(120);
    expect(looks.length - looked).toBeLessThanOrEqual(120);
    watch.stop();
  },
);

it('is quick again once the operator has held a question', async () => {
  const { clock, asked, world, watch } = setUp(() => fail('operator.unavailable', '503'));
  watch.start();
  await clock.advance(30 * minute);
  world.answerTo = () => null;
  await clock.advance(2 * minute);
  asked.at(-1)?.answer(tell());
  await clock.advance(1);
  const held = asked.at(-1);
  expect(held?.request.known).toEqual(marks);
  await clock.advance(10_000);
  held?.answer(tell({ catalog: 'c2' }));
  await clock.advance(1);
  expect(asked.at(-1)?.request.known.catalog).toBe('c2');
  watch.stop();
});

it('without a link nothing is asked; an open question is given up, and asked anew once it is back', async () => {
  const { clock, asked, watch, setLink } = setUp();
  watch.start();
  await clock.advance(10);
  setLink(false);
  await clock.advance(60 * minute);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.signal.aborted).toBe(true);
  setLink(true);
  await clock.advance(10);
  expect(asked).toHaveLength(2);
  watch.stop();
  expect(asked[1]?.signal.aborted).toBe(true);
  await clock.advance(60 * minute);
  expect(asked).toHaveLength(2);
});

it('a wall clock that jumps changes nothing', async () => {
  const { clock, asked, watch } = setUp();
  watch.start();
  await clock.advance(10);
  asked.at(-1)?.answer(tell());
  await clock.advance(5_000);
  clock.jumpWall(-40 * 365 * 86_400_000);
  await clock.advance(20_000);
  asked.at(-1)?.answer(tell());
  await clock.advance(10);
  expect(asked).toHaveLength(3);
  watch.stop();
});

it('says what is in force when it is another, and once a day; until an answer came it counts as not said', async () => {
  const { clock, asked, world, watch } = setUp();
  watch.start();
  await clock.advance(10);
  const next = async (reply: Reply, ms = 40_000) => {
    await clock.advance(ms);
    const app = asked.at(-1)?.request.inForce?.app ?? null;
    asked.at(-1)?.answer(reply);
    await clock.advance(2_000);
    return app;
  };
  expect(await next(fail('network.timeout', 'lost'))).toBe('1.0.0');
  expect(await next(tell())).toBe('1.0.0');
  expect(await next(tell())).toBeNull();
  world.app = '1.1.0';
  expect(await next(tell())).toBeNull();
  expect(await next(tell())).toBe('1.1.0');
  expect(await next(tell(), inForceEveryMs)).toBeNull();
  expect(await next(tell())).toBe('1.1.0');
  watch.stop();
});

it('made known to its operator anew it takes nothing for known', async () => {
  const { clock, asked, looks, watch } = setUp();
  watch.start();
  await clock.advance(10);
  asked.at(-1)?.answer(tell());
  await clock.advance(5_000);
  looks.length = 0;
  watch.forget();
  await clock.advance(5_000);
  expect(asked.at(-1)?.request.known).toEqual(nothingKnown);
  expect(asked.at(-1)?.request.inForce?.app).toBe('1.0.0');
  asked.at(-1)?.answer(tell());
  await clock.advance(100);
  expect(looks).toHaveLength(desiredParts.length);
  watch.stop();
});
