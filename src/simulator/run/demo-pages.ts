import type { Browser, Page } from 'playwright-core';
import { chromiumFile, openChromium } from '../../testkit/app/chromium.ts';
import { ConsoleClient } from '../../testkit/app/console-client.ts';
import { setUpConsoleAccount } from '../../testkit/app/console-account.ts';
import type { AppHarness } from '../../testkit/app/app-harness.ts';
import { until } from '../../testkit/until.ts';
import { pictureFile, say } from './demo-steps.ts';

/** Only bounds hanging. */
const hangMs = 120_000;
/** What a cabinet has told is in the story of its charge within this. */
const storyMaxMs = 30_000;
const memberId = 'M1001';

/** How a purchase stands on the phone's page, and what the console calls it. */
export type ShownState = 'follows' | 'collecting' | 'review' | 'paid';
const consoleChip: Readonly<Record<ShownState, string>> = {
  follows: 'To be debited',
  collecting: 'Being collected',
  review: 'Needs a person',
  paid: 'Paid',
};

/**
 * What the shopper sees on their own phone, and what people who help see in the console, in ordinary browsers on the pages that
 * the operator serves: the phone in Chinese, the console in English.
 */
export class DemoPages {
  readonly #harness: AppHarness;
  readonly #browser: Browser;
  readonly phone: Page;
  readonly console: Page;

  private constructor(harness: AppHarness, browser: Browser, phone: Page, console: Page) {
    this.#harness = harness;
    this.#browser = browser;
    this.phone = phone;
    this.console = console;
  }

  /** The shopper signs in by a one-time link, the first administrator by theirs. Null, and said loudly: no Chromium is here. */
  static async open(harness: AppHarness): Promise<DemoPages | null> {
    if (chromiumFile() === undefined) {
      say(
        'SKIPPED, NOT SHOWN: the phone page and the console. apt-get install chromium, or set KAIMEN_CHROMIUM',
      );
      return null;
    }
    const browser = await openChromium();
    const page = async (locale: string, width: number, height: number): Promise<Page> => {
      const opened = await browser.newPage({ locale, viewport: { width, height } });
      opened.setDefaultTimeout(hangMs);
      return opened;
    };
    const pages = new DemoPages(
      harness,
      browser,
      await page('zh-CN', 390, 844),
      await page('en-GB', 1280, 800),
    );
    await pages.#signIn();
    say('the shopper has signed in on the phone page by a one-time link; support has set up the console');
    return pages;
  }

  async #signIn(): Promise<void> {
    const { phone, console: support } = this;
    const { url } = await this.#harness.operator.call('memberLink', undefined, { memberId });
    await phone.goto(url);
    await phone.getByTestId('link-use').click();
    await phone.getByTestId('screen-home').waitFor();
    await setUpConsoleAccount(support, this.#harness.pages.consoleSetUp ?? '', 'anna');
  }

  /** The console as a program asks it, for what is not to be seen being done. */
  async office(): Promise<ConsoleClient> {
    const cookies = await this.console.context().cookies();
    const said = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return ConsoleClient.inBrowser(this.#harness.pages.console, said);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  /** The first page of the phone: how the shopper stands, and what they have bought. */
  async home(name: string): Promise<void> {
    await this.phone.goto(this.#harness.pages.phone);
    await this.phone.getByTestId('screen-home').getByRole('heading', { level: 2 }).first().waitFor();
    await this.phone.waitForLoadState('networkidle');
    await photograph(this.phone, `${name}-phone-page`);
  }

  /** Both show this purchase so, and are photographed. */
  async show(chargeId: string, state: ShownState, name: string): Promise<void> {
    const { phone, console: support } = this;
    await phone.goto(new URL(`r#${chargeId}`, this.#harness.pages.phone).href);
    // Another purchase at the same address but for the #: the page itself has to be asked anew.
    await phone.reload();
    await phone.locator(`[data-testid=purchase-told][data-status=${state}]`).waitFor();
    await photograph(phone, `${name}-phone-page`);
    await support.goto(`${this.#harness.pages.console}/charges/${chargeId}`);
    await until(`the console says ${state}`, async () => {
      const shown = support
        .getByRole('region', { name: 'Charge', exact: true })
        .locator('span')
        .filter({ hasText: new RegExp(`^${consoleChip[state]}$`) });
      if (await shown.isVisible()) return true;
      await support.getByRole('button', { name: 'Refresh' }).click();
      return null;
    });
    await photograph(support, `${name}-console`);
  }

  /** The story of a charge in the console, once this stands in it. */
  async story(chargeId: string, what: string, name: string): Promise<void> {
    const { console: support } = this;
    await support.goto(`${this.#harness.pages.console}/charges/${chargeId}`);
    const isThere = async (): Promise<true | null> => {
      if (await support.getByText(what).or(support.getByAltText(what)).first().isVisible()) return true;
      await support.getByRole('button', { name: 'Refresh' }).click();
      await support.waitForLoadState('networkidle');
      return null;
    };
    await until(`the story says ${what}`, isThere, storyMaxMs);
    await photograph(support, `${name}-console`);
  }

  /** Support does one act of the charge that is shown, and says why. */
  async act(button: string, fill: (dialog: ReturnType<Page['getByRole']>) => Promise<void>): Promise<void> {
    const { console: support } = this;
    await support.getByRole('button', { name: button, exact: true }).click();
    const dialog = support.getByRole('dialog').last();
    await fill(dialog);
    await support.getByRole('button', { name: 'See what happens' }).click();
    await dialog.getByText('Look before you confirm').waitFor();
    await support.screenshot({ path: pictureFile('support-looks-first-console') });
    await support.getByRole('button', { name: 'Do it', exact: true }).click();
    await dialog.getByText('Done.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
  }
}

/** Who works the console of this cabinet's operator: in the browser that is open, or without one. */
export function officeOf(harness: AppHarness, pages: DemoPages | null): Promise<ConsoleClient> {
  return pages?.office() ?? ConsoleClient.open(harness.pages.console, harness.pages.consoleSetUp ?? '');
}

/** All of the page, as high as it is, so that what stands at the foot stands there. */
async function photograph(page: Page, name: string): Promise<void> {
  const shown = page.viewportSize();
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  if (shown !== null) await page.setViewportSize({ ...shown, height: Math.max(height, shown.height) });
  await page.screenshot({ path: pictureFile(name), animations: 'disabled' });
  if (shown !== null) await page.setViewportSize(shown);
}
