import { expect, test } from 'vitest';
import { exitCodes, launcherAction } from './launcher.ts';

test('each exit code is its own, and fits a process', () => {
  const codes = Object.values(exitCodes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code >= 0 && code <= 125).toBe(true);
});

test('only a clean end is left alone; only a restart that was wanted happens at once', () => {
  expect(launcherAction(exitCodes.clean)).toBe('stay_down');
  expect(launcherAction(exitCodes.restart)).toBe('start');
  for (const code of [exitCodes.bug, exitCodes.storageUnusable, exitCodes.runsAlready, 1, 137, 139]) {
    expect(launcherAction(code)).toBe('start_with_backoff');
  }
});
