/**
 * Functions that run in the page (through `page.evaluate`). Each is whole in itself: nothing outside of it exists there.
 */

export type Language = 'zh' | 'en';
export type TextSize = 'normal' | 'large';

/**
 * Runs before the page's own code, so that a picture does not depend on when it is taken: the wall clock stands at
 * `nowMs` (the theme reads the hour from it), nothing is repeated by a timer (count-downs, the pages of the shelf), and
 * nothing happens by itself after a while (a notice that goes away, the return to Chinese).
 */
export function freezeClock(nowMs: number): void {
  const longestWaitMs = 2_000;
  const RealDate = Date;
  class FixedDate extends RealDate {
    constructor(...parts: [] | [value: number | string | Date]) {
      super(parts.length === 0 ? nowMs : parts[0]);
    }
    static override now(): number {
      return nowMs;
    }
  }
  globalThis.Date = FixedDate as DateConstructor;
  globalThis.setInterval = (() => 0) as unknown as typeof setInterval;
  const realTimeout = globalThis.setTimeout.bind(globalThis);
  globalThis.setTimeout = ((callback: () => void, delayMs = 0) =>
    delayMs > longestWaitMs ? 0 : realTimeout(callback, delayMs)) as unknown as typeof setTimeout;
}

/** Presses a button as assistive technology does: at once, without a finger. Throws when it is not there. */
export function pressInPage(testId: string): void {
  const target = document.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
  if (target === null) throw new Error(`nothing to press: ${testId}`);
  target.click();
  target.blur();
}

/** Puts the page into this language and text size by its own two buttons. */
export function chooseVariant({ language, text }: { language: Language; text: TextSize }): void {
  const { lang, dataset } = document.documentElement;
  const press = (testId: string): void =>
    document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.click();
  if (!lang.startsWith(language)) press('action-language');
  if (dataset['text'] !== text) press('action-large-text');
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** Waits until the snapshot `seq` is on screen; rejects after `timeoutMs`. */
export async function waitForPainted({ seq, timeoutMs }: { seq: number; timeoutMs: number }): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  while (Number(document.documentElement.dataset['paintedSeq']) !== seq) {
    if (performance.now() > untilMs) throw new Error(`snapshot ${seq} was not painted`);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/**
 * Waits until nothing moves any more: fonts and pictures are there, animations with an end have ended, endless ones and
 * count-downs stand at a fixed moment, and for two frames nothing has changed. Rejects after `timeoutMs`.
 */
export async function settlePage(timeoutMs: number): Promise<void> {
  const endlessAtMs = 600;
  const quietFrames = 2;
  const untilMs = performance.now() + timeoutMs;
  const held = new Set<Animation>();
  /** How many animations were still running. */
  const holdAnimations = (): number => {
    const running = document.getAnimations().filter((one) => !held.has(one));
    for (const animation of running) {
      held.add(animation);
      const name = animation instanceof CSSAnimation ? animation.animationName : '';
      const isCountdown = name === 'ring-run' || name === 'bar-run';
      if (isCountdown || animation.effect?.getComputedTiming().iterations === Infinity) {
        animation.pause();
        // A count-down begins at what had elapsed when its snapshot was made.
        animation.currentTime = isCountdown ? 0 : endlessAtMs;
      } else animation.finish();
    }
    return running.length;
  };
  let changes = 0;
  const observer = new MutationObserver(() => changes++);
  observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  try {
    for (let quiet = 0; quiet < quietFrames; quiet++) {
      if (performance.now() > untilMs) throw new Error('the page did not come to rest');
      const changesBefore = changes;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      await document.fonts.ready;
      await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
      const isReading = 'reading' in document.documentElement.dataset;
      if (holdAnimations() > 0 || changes !== changesBefore || isReading) quiet = -1;
    }
  } finally {
    observer.disconnect();
  }
}

/** Texts whose box is smaller than what is in it, and anything that sticks out of the window. */
export function findCutOff(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
    );
    if (!hasText || element.closest('[aria-hidden="true"]') !== null) continue;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.width === 0 || style.visibility === 'hidden') continue;
    const text = element.textContent.trim().slice(0, 40);
    const clips = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
    if (clips) found.push(`cut: "${text}"`);
    if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside: "${text}"`);
  }
  return found;
}
