import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

export { chromiumFile, chromiumMissing, openChromium } from '../../src/testkit/app/chromium.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong for people with bad eyes, big fingers, or a screen reader. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 160) ?? ''}`);
  });
}

/** Nothing to touch is lower than this, CSS pixels. */
const targetMinPx = 44;

/** What sticks out to the side, what is cut, and what a finger would miss. */
export async function layoutFaultsOf(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const found: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`scrolls to the side: ${scrollWidth} in ${clientWidth} px`);
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || getComputedStyle(element).visibility === 'hidden') continue;
      const what = `"${(element.textContent || element.ariaLabel || element.tagName).trim().slice(0, 40)}"`;
      // What is there for the browser's own filling-in alone, nobody sees or touches.
      const isHidden = element.closest('.sr-only, [aria-hidden="true"]') !== null;
      const isTarget = !isHidden && element.matches('a[href], button, label:has(input), textarea, select');
      if (isTarget && Math.min(box.height, box.width) < least)
        found.push(`${Math.round(box.width)}×${Math.round(box.height)} px to touch: ${what}`);
      const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim());
      if (!isText || isHidden) continue;
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside: ${what}`);
      if (getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1)
        found.push(`cut: ${what}`);
    }
    return found;
  }, targetMinPx);
}

/** Chinese texts that are drawn as boxes although the page has their typeface: each sign of it is as wide as it is high. */
export async function boxesOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    await document.fonts.ready;
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const text = node.nodeValue ?? '';
      const { parentElement } = node;
      if (parentElement === null || !/^\p{Script=Han}+$/u.test(text)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const width = [...range.getClientRects()].reduce((sum, box) => sum + box.width, 0);
      const whole = text.length * parseFloat(getComputedStyle(parentElement).fontSize);
      if (width > 0 && width < 0.9 * whole) found.push(`boxes: "${text}"`);
    }
    return found;
  });
}
