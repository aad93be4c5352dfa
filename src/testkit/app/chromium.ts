import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

/** Where a system has it; `KAIMEN_CHROMIUM` says otherwise. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const chromiumMissing =
  'no Chromium here: apt-get install -y --no-install-recommends chromium, or set KAIMEN_CHROMIUM';

export function chromiumFile(): string | undefined {
  const named = process.env['KAIMEN_CHROMIUM'];
  return [...(named === undefined ? [] : [named]), ...places].find((path) => existsSync(path));
}

/** An ordinary browser, as members and staff have one. */
export async function openChromium(): Promise<Browser> {
  const executablePath = chromiumFile();
  if (executablePath === undefined) throw new Error(chromiumMissing);
  const args = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'];
  return chromium.launch({ executablePath, args });
}
