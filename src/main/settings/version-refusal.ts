import { type Err, type Failure, fail } from '../../shared/result.ts';
import type { SettingsFailure } from './settings-store.ts';

/**
 * Why no version of the settings, or of what is built in, was made. `changed`: it is another one than whoever asks has seen;
 * `same`: nothing would be another; `no_such_version`: it is not kept (any more); `unreadable`: this program cannot use it;
 * `settings`: together with the rest it does not fit; `storage`: not written.
 */
export type VersionRefusal = Failure<
  'changed' | 'same' | 'no_such_version' | 'unreadable' | 'settings' | 'storage'
>;

export function refusedBy({ code, message }: SettingsFailure): Err<VersionRefusal> {
  return fail(code === 'settings.io' ? 'storage' : 'settings', message);
}
