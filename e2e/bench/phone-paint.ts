import type { Browser } from 'playwright-core';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { openChromium } from '../web/chromium.ts';
import { add } from './table.ts';

const runs = 15;
/** Chromium's own "Slow 4G" (developer tools, network conditions): to and fro, and bytes in a second. */
const slow4g = {
  offline: false,
  latency: 562.5,
  downloadThroughput: 180_000,
  uploadThroughput: 84_375,
  connectionType: 'cellular4g',
} as const;

/** From the touch on a link to the shopper's page, on a phone that has never been here, over a slow line. */
async function paintedMs(browser: Browser, url: string): Promise<{ first: number; usable: number }> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', slow4g);
    await page.goto(url);
    await page.getByTestId('sign-in-ask').waitFor();
    return await page.evaluate(async () => {
      const usable = performance.now();
      const entry = await new Promise<PerformanceEntry>((resolve) => {
        new PerformanceObserver((list) => {
          const first = list.getEntriesByName('first-contentful-paint')[0];
          if (first !== undefined) resolve(first);
        }).observe({ type: 'paint', buffered: true });
      });
      return { first: entry.startTime, usable };
    });
  } finally {
    await context.close();
  }
}

/** What the operator sends, as it sends it. */
export async function benchPhonePaint(): Promise<void> {
  const operator = await startOperatorProcess(undefined);
  const browser = await openChromium();
  try {
    const times: { first: number; usable: number }[] = [];
    for (let i = 0; i < runs; i++) times.push(await paintedMs(browser, operator.phone));
    const note = 'Chromium, slow 4G (562.5 ms, 180 kB/s), nothing kept, the real operator';
    add(
      'phone’s page: touch → first paint',
      times.map(({ first }) => first),
      note,
    );
    add(
      'phone’s page: touch → what to do stands there',
      times.map(({ usable }) => usable),
      `${note}; the page, then its script and both questions at once`,
    );
  } finally {
    await browser.close();
    await operator.stop();
  }
}
