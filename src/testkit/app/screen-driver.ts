import type { Page } from 'playwright-core';
import { z } from 'zod';
import { until } from '../until.ts';

/** Only bounds hanging. */
const hangMs = 120_000;

/** Run in the kiosk's page: all that it knows. */
export const snapshotExpression = 'window.kiosk.visit.getSnapshot({})';

const onlineSchema = z.object({ value: z.object({ online: z.boolean() }) });
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

/** A finger on the kiosk's screen, and eyes before it. */
export class ScreenDriver {
  readonly #page: () => Page | null;

  /** `page`: the kiosk's page, null while it does not run. */
  constructor(page: () => Page | null) {
    this.#page = page;
  }

  get window(): Page {
    const page = this.#page();
    if (page === null) throw new Error('the kiosk is not running');
    return page;
  }
  async waitScreen(name: string, timeoutMs = hangMs): Promise<void> {
    await this.window.getByTestId(`screen-${name}`).waitFor({ state: 'visible', timeout: timeoutMs });
  }
  /** Taps where a finger would: the middle of the visible target. */
  async tap(testId: string): Promise<void> {
    const target = this.window.getByTestId(testId);
    await target.waitFor({ state: 'visible', timeout: hangMs });
    const box = await target.boundingBox();
    if (box === null) throw new Error(`${testId} has no place on screen`);
    await this.window.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
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
    return until(`face screen: ${wanted}`, async () => {
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
}
