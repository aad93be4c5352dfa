import type { Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { until } from '../until.ts';

/** Only bounds hanging. */
const hangMs = 120_000;

/** Run in the kiosk's page: all that it knows. */
export const snapshotExpression = 'window.kiosk.visit.getSnapshot({})';

const onlineSchema = z.object({
  value: z.object({ online: z.boolean(), offlineBlock: z.string().nullable() }),
});
const phaseSchema = z.looseObject({ phase: z.string() });
export type FacePhase = z.infer<typeof phaseSchema>;
const faceSchema = z.object({
  value: z.object({
    visit: z.looseObject({ face: phaseSchema.optional(), account: phaseSchema.optional() }),
  }),
});

const shownSchema = z.object({
  value: z.object({ visit: z.object({ cabinetCode: z.object({ text: z.string() }) }) }),
});

/** The cabinet's own code in the answer to `askForSnapshot`; null when the screen shows none. */
export function qrCodeIn(answer: unknown): string | null {
  const shown = shownSchema.safeParse(answer);
  return shown.success ? shown.data.value.visit.cabinetCode.text : null;
}

/** Run in the page: whether a touch of this button acts now; if so it counts as touched. */
const takesTouchExpression = (testId: string): string => `(() => {
  const nowMs = performance.now();
  const target = document.querySelector('[data-testid="${testId}"]');
  if (target === null || target.matches(':disabled')) return false;
  if (nowMs < Number(document.documentElement.dataset.touchFromMs)) return false;
  const last = globalThis.lastTap;
  if (last?.testId === '${testId}' && nowMs < last.atMs + 700) return false;
  globalThis.lastTap = { testId: '${testId}', atMs: nowMs };
  return true;
})()`;

/** A finger on the kiosk's screen, and eyes before it: on the page, or on the view that lies over it. */
export class ScreenDriver {
  readonly #page: () => Page | null;
  readonly #face: () => Page | null;
  readonly #pin: () => Page | null;
  readonly #lastLines: () => string;

  /**
   * `page`: the kiosk's page, null while it does not run; `face`, `pin`: its face view and its PIN view, null while there is none;
   * `lastLines`: what the kiosk has last written to its log, told when something does not come.
   */
  constructor(
    page: () => Page | null,
    views: { readonly face: () => Page | null; readonly pin: () => Page | null },
    lastLines: () => string,
  ) {
    this.#page = page;
    this.#face = views.face;
    this.#pin = views.pin;
    this.#lastLines = lastLines;
  }

  get window(): Page {
    const page = this.#page();
    if (page === null) throw new Error('the kiosk is not running');
    return page;
  }
  get faceViewIfAny(): Page | null {
    return this.#face();
  }
  /** The face view; fails while there is none. */
  get faceView(): Page {
    const page = this.#face();
    if (page === null) throw new Error('there is no face view');
    return page;
  }
  /** The PIN view; null: nobody is asked for anything. */
  get pinViewIfAny(): Page | null {
    return this.#pin();
  }
  async waitScreen(name: string, timeoutMs = hangMs): Promise<void> {
    await this.find(`screen-${name}`, timeoutMs);
  }
  /** What is to be seen under this name, on the view that lies over the page or on the page. */
  async find(testId: string, timeoutMs = hangMs): Promise<Locator> {
    return this.#within(
      `${testId} is to be seen`,
      async () => {
        for (const page of [this.#pin(), this.#face(), this.window]) {
          const target = page?.getByTestId(testId);
          // A view may end while it is asked.
          if (await target?.isVisible().catch(() => false)) return target;
        }
        return null;
      },
      timeoutMs,
    );
  }
  /** Taps where a finger would: the middle of the visible target, once the screen takes touches. */
  async tap(testId: string): Promise<void> {
    const { page, box } = await until(`${testId} has a place on screen`, async () => {
      const target = await this.find(testId);
      await this.#waitForTouch(target.page(), testId);
      // It may have gone meanwhile: a view comes up over the same target of the page, or goes.
      const place = await target.boundingBox({ timeout: hangMs });
      return place && { page: target.page(), box: place };
    });
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2).catch((error: unknown) => {
      // The touch may be what ends a view; the tool does not hear that it was taken then.
      if (page === this.#page() || !page.isClosed()) throw error;
    });
  }
  /** Waits; what does not come fails with the kiosk's last lines. */
  async #within<T>(
    what: string,
    probe: () => Promise<T | null | undefined | false>,
    timeoutMs = hangMs,
  ): Promise<T> {
    return until(what, probe, timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}\nthe kiosk's last lines:\n${this.#lastLines()}`, { cause: error });
    });
  }
  /** As a shopper does who has seen the screen: after the touch guard's time, and no double strike. */
  async #waitForTouch(page: Page, testId: string): Promise<void> {
    // Not `waitForFunction`: the page's policy lets nobody evaluate text in it.
    const expression = takesTouchExpression(testId);
    await this.#within(`${testId} takes a touch`, async () =>
      (await page.evaluate<boolean>(expression)) ? true : null,
    );
  }
  async text(testId: string): Promise<string> {
    return (await this.window.getByTestId(testId).innerText()).replaceAll(/\s+/g, ' ').trim();
  }

  /** The text of the QR on the code screen, as the page has it; null: there is none. */
  async shownQrCode(): Promise<string | null> {
    return qrCodeIn(await this.#page()?.evaluate(snapshotExpression));
  }

  /** Waits for a phase of the face screen or of "my data"; says what was seen instead when it does not come. */
  async waitFacePhase(wanted: string): Promise<FacePhase> {
    const seen: string[] = [];
    return this.#within(`face screen: ${wanted}`, async () => {
      const now = await this.currentFacePhase();
      if (now?.phase === wanted) return now;
      const text = JSON.stringify({ ...now, camera: undefined });
      if (seen.at(-1) !== text) seen.push(text);
      return null;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; but ${seen.slice(-20).join(' → ')}`);
    });
  }
  /** What the face screen, or "my data", shows now; null: neither is there. */
  async currentFacePhase(): Promise<FacePhase | null> {
    const { visit } = faceSchema.parse(await this.window.evaluate(snapshotExpression)).value;
    return visit.face ?? visit.account ?? null;
  }
  /** Whether the kiosk itself takes the operator for reachable. */
  async isOnline(): Promise<boolean> {
    return onlineSchema.parse(await this.window.evaluate(snapshotExpression)).value.online;
  }
  /** Whether the kiosk would let a member in by what the operator has said before, while there is no network. */
  async opensOffline(): Promise<boolean> {
    return onlineSchema.parse(await this.window.evaluate(snapshotExpression)).value.offlineBlock === null;
  }
}
