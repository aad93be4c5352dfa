import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { passwordOf, setUpConsoleAccount } from '../../src/testkit/app/console-account.ts';
import { codeOfAuthenticator } from '../../src/testkit/operator/authenticator.ts';
import { boxesOf, layoutFaultsOf, violationsOf } from './chromium.ts';

export type Language = 'zh' | 'en';
export type Theme = 'day' | 'night';

/** Somebody before the console in a browser of their own, with an authenticator. */
export class ConsoleVisitor {
  readonly page: Page;
  readonly name: string;
  /** What the page's policy did not let in. */
  readonly refused: string[] = [];
  #secret = '';

  private constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) this.refused.push(message.text());
    });
  }

  static async open(browser: Browser, name: string): Promise<ConsoleVisitor> {
    const context: BrowserContext = await browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1280, height: 800 },
    });
    const page = await context.newPage();
    // Only bounds hanging.
    page.setDefaultTimeout(60_000);
    return new ConsoleVisitor(page, name);
  }

  /** Uses a one-time link: chooses a password, connects the authenticator, keeps the recovery codes. */
  async accept(link: string): Promise<void> {
    this.#secret = await setUpConsoleAccount(this.page, link, this.name);
  }

  /** Each code is good once: the one after it is as good. */
  async signIn(steps: number): Promise<void> {
    await this.page.getByLabel('Password').fill(passwordOf(this.name));
    await this.page.getByLabel('Code', { exact: true }).fill(this.code(steps));
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  code(steps = 0): string {
    return codeOfAuthenticator(this.#secret, Date.now(), steps);
  }

  async wear(language: Language, theme: Theme): Promise<void> {
    await this.page.evaluate(
      ([one, other]) => {
        localStorage.setItem('language', one);
        localStorage.setItem('theme', other);
      },
      [language, theme] as const,
    );
    await this.page.reload();
  }

  /** Until all is there that the place asks for. */
  async go(address: string): Promise<void> {
    await this.page.goto(address);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
    await this.page.waitForLoadState('networkidle');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The one that lies on top. */
  dialog(): Locator {
    return this.page.getByRole('dialog').last();
  }

  /** On the page of the staff: somebody else comes in, in a browser of their own. */
  async invite(browser: Browser, name: string): Promise<ConsoleVisitor> {
    await this.button('Invite somebody').click();
    await this.page.getByLabel('User name').fill(name);
    await this.page.getByLabel('Reason').fill('new in the team');
    await this.button('Make a one-time link').click();
    const link = await this.page.getByTestId('one-time-link').textContent();
    const invited = await ConsoleVisitor.open(browser, name);
    await invited.accept(link ?? '');
    return invited;
  }

  /** What people with bad eyes, big fingers or a screen reader would find; what is cut, sticks out, or is a box. */
  async findings(): Promise<string[]> {
    const { page } = this;
    return [...(await violationsOf(page)), ...(await layoutFaultsOf(page)), ...(await boxesOf(page))];
  }
}
