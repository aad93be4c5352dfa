import { type Touch, TouchGuard } from './touch-guard.ts';

/** What can be touched, by test id: where this changes, other things lie under the finger than a moment ago. */
const touchable =
  'main, [data-testid^="action-"], [data-testid^="line-"], [data-testid^="tick-"], [data-testid^="key-"]';
/** What follows from a pointer that came down; of one that was refused nothing does. React Aria hears these alone. */
const follows = ['pointerup', 'pointercancel', 'click'] as const;

/** Puts the touch guard before every screen of the page. Returns the way to take it off again. */
export function guardTouches(page: Window): () => void {
  const guard = new TouchGuard();
  const { document } = page;
  const stop = new AbortController();
  const options = { capture: true, signal: stop.signal };
  /** Buttons that were pressed and will not act let go. */
  const release = (ids: readonly number[]): void => {
    for (const pointerId of ids) {
      document.dispatchEvent(new PointerEvent('pointercancel', { pointerId, bubbles: true }));
    }
  };

  /** For whoever has to wait for it, as an e2e test: from when on a touch acts, ms of `performance.now()`. */
  const tellWhen = (): void => {
    document.documentElement.dataset['touchFromMs'] = String(guard.opensAtMs);
  };

  let shown = shownOn(document);
  tellWhen();
  const onChange = (): void => {
    release(guard.screenChanged(performance.now()));
    tellWhen();
  };
  const observer = new MutationObserver(() => {
    const now = shownOn(document);
    if (now === shown) return;
    shown = now;
    onChange();
  });
  // The face view is drawn before it is laid over the page.
  document.addEventListener('visibilitychange', onChange, options);
  observer.observe(document.documentElement, {
    subtree: true,
    childList: true,
    attributeFilter: ['data-testid', 'data-reason'],
  });

  const onDown = (event: PointerEvent): void => {
    // The browser knows of no other finger that lies on the glass.
    if (event.pointerType === 'touch' && event.isPrimary) guard.alone(event.pointerId);
    release(guard.down(touchOf(event, page)).filter((id) => id !== event.pointerId));
    if (guard.isRefused(event.pointerId)) event.stopImmediatePropagation();
  };
  /** A palm may come down with its edge first. */
  const onMove = (event: PointerEvent): void => {
    if (!event.isTrusted) return;
    release(guard.moved({ ...contactOf(event, page), atMs: event.timeStamp }));
  };
  const onFollow = (event: Event): void => {
    if (!(event instanceof PointerEvent) || !event.isTrusted) return;
    if (event.type === 'pointerup') onMove(event);
    if (event.type === 'pointerup' || event.type === 'pointercancel') {
      guard.up(event.pointerId, event.timeStamp);
      tellWhen();
    }
    if (guard.isRefused(event.pointerId)) event.stopImmediatePropagation();
  };
  page.addEventListener('pointerdown', onDown, options);
  page.addEventListener('pointermove', onMove, options);
  for (const type of follows) page.addEventListener(type, onFollow, options);
  // A long press is a press; it opens nothing of the browser.
  page.addEventListener('contextmenu', (event) => event.preventDefault(), options);
  return () => {
    stop.abort();
    observer.disconnect();
  };
}

/** Which screen with which buttons; the same text while nothing else can be touched. */
function shownOn(document: Document): string {
  return Array.from(document.querySelectorAll<HTMLElement>(touchable), ({ dataset }) =>
    [dataset['testid'], dataset['reason']].join(' '),
  ).join('\n');
}

function touchOf(event: PointerEvent, page: Window): Touch {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-testid]') : null;
  return { ...contactOf(event, page), target: button?.dataset['testid'] ?? '', atMs: event.timeStamp };
}

function contactOf(event: PointerEvent, page: Window): Pick<Touch, 'id' | 'contactShare'> {
  const isTouch = event.pointerType === 'touch';
  return {
    id: event.pointerId,
    contactShare: isTouch
      ? Math.max(event.width, event.height) / Math.min(page.innerWidth, page.innerHeight)
      : 0,
  };
}
