import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { guardTouches } from './guard-touches.ts';
import { TouchGuard } from './touch-guard.ts';

test('a lift that was never told (a reset, a drop of water that lies there) does not end all touch for good', () => {
  const guard = new TouchGuard();
  guard.down({ id: 7, target: 'main', atMs: 1_000, contactShare: 0.02 });
  // No pointerup ever comes. An hour later, another shopper, another finger, again and again.
  const acts = [1, 2, 3].map((n) => {
    const atMs = 3_600_000 + n * 10_000;
    const refused = guard.down({ id: 7 + n, target: 'action-choose-code', atMs, contactShare: 0.02 });
    guard.up(7 + n, atMs + 80);
    return refused.length === 0;
  });
  expect(acts).toContain(true);
});

class FakePointerEvent {
  readonly isTrusted = true;
  stopped = false;
  readonly type: string;
  readonly target = null;
  readonly pointerType = 'touch';
  readonly pointerId: number;
  readonly width: number;
  readonly height: number;
  readonly timeStamp: number;
  constructor(type: string, init: { pointerId?: number; width?: number; timeStamp?: number } = {}) {
    this.type = type;
    this.pointerId = init.pointerId ?? 0;
    this.width = this.height = init.width ?? 1;
    this.timeStamp = init.timeStamp ?? 0;
  }
  stopImmediatePropagation(): void {
    this.stopped = true;
  }
}

/** No event here has a target. */
function FakeElement(): void {}

beforeEach(() => {
  vi.stubGlobal('PointerEvent', FakePointerEvent);
  vi.stubGlobal('Element', FakeElement);
  vi.stubGlobal(
    'MutationObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

function fakePage() {
  const listeners: [string, (event: FakePointerEvent) => void][] = [];
  const addEventListener = (type: string, fn: (event: FakePointerEvent) => void): void => {
    listeners.push([type, fn]);
  };
  const document = {
    querySelectorAll: () => [],
    documentElement: { dataset: {} },
    addEventListener,
    dispatchEvent: () => true,
  };
  const page = { document, addEventListener, innerWidth: 1080, innerHeight: 1920 };
  const stop = guardTouches(page as never);
  return {
    stop,
    /** True: it reaches the button. */
    send(type: string, init: { width: number; timeStamp: number }): boolean {
      const event = new FakePointerEvent(type, { pointerId: 3, ...init });
      for (const [of, fn] of listeners) if (of === type) fn(event);
      return !event.stopped;
    },
  };
}

test('a palm whose first contact is small, and which then lies down, presses nothing', () => {
  const page = fakePage();
  const { stop } = page;
  page.send('pointerdown', { width: 40, timeStamp: 10_000 });
  // 16 ms later the hand lies on the glass: 400 of 1080 pixels.
  page.send('pointermove', { width: 400, timeStamp: 10_016 });
  const reaches = page.send('pointerup', { width: 400, timeStamp: 10_200 });
  stop();
  expect(reaches).toBe(false);
});
