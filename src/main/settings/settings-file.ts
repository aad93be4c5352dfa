import Store from 'electron-store';
import type { Clock } from '../../shared/clock.ts';
import { type Result, fail } from '../../shared/result.ts';
import { type SettingsFailure, SettingsStore } from './settings-store.ts';

/** Opens `config.json` in this folder. A file that is not JSON is left as it is (`settings.invalid`). */
export function openSettings(dir: string, clock: Clock): Result<SettingsStore, SettingsFailure> {
  let store: Store;
  try {
    store = new Store({ cwd: dir, name: 'config', clearInvalidConfig: false });
  } catch (error) {
    return fail('settings.invalid', error instanceof Error ? error.message : String(error));
  }
  return SettingsStore.open(
    {
      read: () => store.store,
      write: (raw) => {
        store.store = raw;
      },
    },
    clock,
  );
}
