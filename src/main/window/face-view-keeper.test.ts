import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { CameraOrder } from '../../shared/model/face-view.schema.ts';
import { kioskSnapshotSchema, type VisitView } from '../../shared/model/visit.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { type FaceView, type FaceViewEvents, FaceViewKeeper, faceViewLimits } from './face-view-keeper.ts';
import { touchMs } from './seen-touch.ts';

/** A face view as main sees it, without Electron. */
class FakeView implements FaceView {
  readonly contents = null;
  readonly sent: [name: string, payload: unknown][] = [];
  isShown = false;
  isOpen = true;
  readonly events: FaceViewEvents;
  constructor(events: FaceViewEvents) {
    this.events = events;
  }
  send(name: string, payload: unknown): void {
    expect(this.isOpen).toBe(true);
    this.sent.push([name, payload]);
  }
  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
  }
  close(): void {
    expect(this.isOpen).toBe(true);
    [this.isOpen, this.isShown] = [false, false];
  }
  get order(): unknown {
    return this.sent.findLast(([name]) => name === 'camera')?.[1] ?? null;
  }
}

const countdown = { durationMs: 60_000, elapsedMs: 0 };
type Face = Extract<VisitView, { screen: 'face' }>['face'];
type Account = Extract<VisitView, { screen: 'account' }>['account'];
const face = (of: Face): VisitView => ({ screen: 'face', purpose: 'visit', face: of, countdown });
const account = (of: Account): VisitView => ({
  ...{ screen: 'account', form: null, by: 'code', member: '王*', account: of, countdown },
});
const notice = face({ phase: 'notice' });
const looking = face({ phase: 'looking', guide: 'starting', progress: 0 });
const ended = face({ phase: 'ended', why: 'time' });
const attract: VisitView = { screen: 'attract' };
const orderOf = (name: string): CameraOrder => ({
  ...{ nonce: name.repeat(22), purpose: 'identify', embedder: 'fr-feature-512', camera: null },
});

let clock: FakeClock;
let views: FakeView[];
let order: CameraOrder | null;
let seq: number;
let keeper: FaceViewKeeper;
const display = { language: 'en', largeText: true } as const;

beforeEach(() => {
  clock = new FakeClock();
  [views, order, seq] = [[], null, 0];
  keeper = new FaceViewKeeper({
    clock,
    logger: silentLogger,
    cameraOrder: () => order,
    display: () => display,
    open: (events) => {
      const view = new FakeView(events);
      views.push(view);
      return view;
    },
  });
});

function become(visit: VisitView, now: CameraOrder | null = null, faceOff: 'off' | null = null): void {
  order = now;
  const cabinet = {
    ...{ id: 'A-0217', place: { zh: '一层', en: 'Floor 1' }, servicePhone: '400', simulated: false },
    degradedSecrets: false,
  };
  const goods = { currency: 'CNY', products: [], online: true };
  const snapshot = { seq: ++seq, cabinet, ...goods, faceOff, scanAnswer: null, visit };
  keeper.update(kioskSnapshotSchema.parse(snapshot));
}
const open = (): FakeView[] => views.filter(({ isOpen }) => isOpen);

describe('when there is a face view', () => {
  test('opened by the first touch, only one, and gone again when nobody wanted it', async () => {
    become(attract);
    expect(views).toHaveLength(0);
    for (let touch = 0; touch < 3; touch++) keeper.pageTouched();
    expect(open()).toHaveLength(1);
    await clock.advance(faceViewLimits.unusedMs);
    expect(open()).toHaveLength(0);
    // However often that happens.
    for (let again = 0; again < faceViewLimits.openMax + 2; again++) {
      keeper.pageTouched();
      expect(open()).toHaveLength(1);
      await clock.advance(faceViewLimits.unusedMs);
    }
  });
  test('a cabinet without faces has none', () => {
    become(attract, null, 'off');
    keeper.pageTouched();
    expect(views).toHaveLength(0);
  });
  test('over the page only once it has drawn a screen of its own, and only as long as that stands', () => {
    become(attract);
    keeper.pageTouched();
    const [view] = views;
    keeper.drawn(seq);
    expect(view?.isShown).toBe(false);
    become(notice);
    expect(view?.isShown).toBe(false);
    keeper.drawn(seq - 1);
    expect(view?.isShown).toBe(false);
    keeper.drawn(seq);
    expect(view?.isShown).toBe(true);
    become({ screen: 'identifying', purpose: 'visit', cabinetCode: { state: 'none' }, countdown });
    expect(view?.isShown).toBe(false);
  });
  test.each<VisitView>([
    {
      screen: 'unlocking',
      phase: 'preparing',
      mayUnlockAgain: false,
      door: null,
      doors: [],
      settles: false,
      member: '',
      countdown,
    },
    { screen: 'nothing_charged', why: 'cancelled', countdown },
    { screen: 'recovering', hasVisit: true },
    attract,
  ])('none is left on $screen', (after) => {
    become(notice);
    become(after);
    expect(open()).toHaveLength(0);
  });
  test('in the account it comes with the consent and goes with the trial', () => {
    become(account({ phase: 'menu', face: null, recordCount: 0 }));
    expect(views).toHaveLength(0);
    become(account({ phase: 'consent', consentVersion: '1' }));
    expect(open()).toHaveLength(1);
    become(account({ phase: 'capture', guide: 'hold', takenCount: 0, wantedCount: 5 }), orderOf('a'));
    become(account({ phase: 'trial', guide: 'hold' }), orderOf('b'));
    // One and the same: the picture does not blink.
    expect(views).toHaveLength(1);
    expect(open()[0]?.order).toEqual(orderOf('b'));
    become(account({ phase: 'enrolled' }));
    expect(open()).toHaveLength(0);
  });
  test('one that dies is opened again with all that it needs, but not for ever', () => {
    become(notice);
    become(looking, orderOf('a'));
    views[0]?.events.gone('crashed');
    expect(open()).toHaveLength(1);
    expect(open()[0]?.order).toEqual(orderOf('a'));
    keeper.drawn(seq);
    expect(open()[0]?.isShown).toBe(true);
    for (let death = 0; death < 20; death++) open()[0]?.events.gone('crashed');
    expect(open()).toHaveLength(0);
    expect(views.length).toBe(faceViewLimits.openMax);
    // The next visit has one again.
    become(attract);
    become(notice);
    expect(open()).toHaveLength(1);
  });
  test('what a view says that is gone already changes nothing', () => {
    become(notice);
    become(looking, orderOf('a'));
    become(ended);
    expect(views).toHaveLength(2);
    views[0]?.events.gone('killed');
    views[0]?.events.touched();
    expect(open()).toEqual([views[1]]);
    expect(keeper.takeTouch()).toBe(false);
  });
});

describe('the camera ends with its order', () => {
  test('whatever comes after it: the view that had the camera is gone in the same turn', () => {
    for (const after of [ended, face({ phase: 'digits' }), attract, account({ phase: 'enrolled' })]) {
      become(notice);
      become(looking, orderOf('a'));
      const had = open()[0];
      become(after);
      expect(had?.isOpen).toBe(false);
      become(attract);
    }
  });
  test('a fresh one draws the end of the attempt, and has no order', () => {
    become(notice);
    become(looking, orderOf('a'));
    become(ended);
    expect(open()).toHaveLength(1);
    expect(open()[0]?.order).toBeNull();
    keeper.loaded();
    expect(open()[0]?.sent).toContainEqual(['display', display]);
    keeper.drawn(seq);
    expect(open()[0]?.isShown).toBe(true);
  });
  test('one that is loaded only now is given the order that stands', () => {
    become(notice);
    become(looking, orderOf('a'));
    const view = open()[0];
    view?.sent.splice(0);
    keeper.loaded();
    expect(view?.order).toEqual(orderOf('a'));
  });
});

describe('a touch that main has seen', () => {
  test('counts once, and only while it is fresh', async () => {
    become(notice);
    expect(keeper.takeTouch()).toBe(false);
    views[0]?.events.touched();
    expect(keeper.takeTouch()).toBe(true);
    expect(keeper.takeTouch()).toBe(false);
    views[0]?.events.touched();
    await clock.advance(touchMs + 1);
    expect(keeper.takeTouch()).toBe(false);
  });
  test('one on the view before this one does not count', () => {
    become(notice);
    views[0]?.events.touched();
    views[0]?.events.gone('crashed');
    expect(keeper.takeTouch()).toBe(false);
  });
});
