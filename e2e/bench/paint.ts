import type { AppHarness } from '../../src/testkit/app/app-harness.ts';
import { until } from '../../src/testkit/until.ts';

/** Remembers in the page when each snapshot was painted (Unix ms with fractions, as the simulator's clock). */
export async function watchPaint(harness: AppHarness): Promise<void> {
  await harness.screen.window.evaluate(() => {
    const root = document.documentElement;
    const log: { atMs: number; screen: string; total: string }[] = [];
    (globalThis as unknown as { painted: typeof log }).painted = log;
    new MutationObserver(() => {
      const screen = document.querySelector('[data-testid^="screen-"]');
      const total = document.querySelector('[data-testid="basket-total"]');
      log.push({
        atMs: performance.timeOrigin + performance.now(),
        screen: screen?.getAttribute('data-testid') ?? '',
        total: total?.textContent ?? '',
      });
    }).observe(root, { attributes: true, attributeFilter: ['data-painted-seq'] });
  });
}

/** When the first paint after `sinceMs` satisfied `test`, in the clock of watchPaint. */
export async function paintedAt(
  harness: AppHarness,
  sinceMs: number,
  test: { leftScreen?: string; total?: string },
): Promise<number> {
  return until(`painted ${JSON.stringify(test)}`, () =>
    harness.screen.window.evaluate(
      ([since, wanted]) => {
        const log = (globalThis as unknown as { painted: { atMs: number; screen: string; total: string }[] })
          .painted;
        const hit = log.find(
          (p) =>
            p.atMs > since &&
            (wanted.leftScreen === undefined || p.screen !== `screen-${wanted.leftScreen}`) &&
            (wanted.total === undefined || p.total.includes(wanted.total)),
        );
        return hit?.atMs ?? null;
      },
      [sinceMs, test] as const,
    ),
  );
}
