import type { Page } from 'playwright-core';
import { codeOfAuthenticator } from '../operator/authenticator.ts';

export const passwordOf = (name: string): string => `a long password of ${name}`;

/**
 * Uses a one-time link of the support console (in English): chooses name and password, connects an authenticator, keeps the
 * recovery codes. Gives the authenticator's key.
 */
export async function setUpConsoleAccount(page: Page, link: string, name: string): Promise<string> {
  await page.goto(link);
  const secret = (await page.locator('code').first().textContent()) ?? '';
  const field = page.getByLabel('User name');
  if (await field.isEditable()) await field.fill(name);
  await page.getByLabel('New password').fill(passwordOf(name));
  await page.getByLabel('The 6 digits that it shows now').fill(codeOfAuthenticator(secret, Date.now()));
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByText('I have saved them').click();
  await page.getByRole('button', { name: 'Open the console' }).click();
  await page.getByRole('navigation', { name: 'Menu' }).waitFor();
  return secret;
}
