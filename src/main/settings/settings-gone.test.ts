import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { lastGoodSettings, openSettings } from './settings-file.ts';

it('settings that are gone are no cabinet that was never set up: the number to call stays', () => {
  const folder = makeScratchFolder();
  const path = join(folder.path, 'config.json');
  writeFileSync(path, JSON.stringify({ cabinetId: 'S-0001', servicePhone: '400 800 1234' }));
  expect(openSettings(folder.path, new FakeClock()).ok).toBe(true);
  rmSync(path);
  const opened = openSettings(folder.path, new FakeClock());
  const shown = opened.ok ? opened.value.settings : lastGoodSettings(folder.path);
  folder.remove();
  expect(shown?.servicePhone).toBe('400 800 1234');
});
