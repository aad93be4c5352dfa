import type { serviceSettingsZh } from './service-settings-zh.ts';
import type { Widen } from './shape.ts';

export const serviceSettingsEn: Widen<typeof serviceSettingsZh> = {
  lead:
    'What you change is saved together as a new version, and can be taken back. The operator sees it. Its address, ' +
    'keys, devices and shelves are not changed on the screen.',
  change: 'Change',
  now: 'Now: {{value}}',
  will: 'Then: {{value}}',
  isOptional: 'Leave it open',
  take: 'Take this',
  clear: 'Clear',
  knockTooShort: 'At least five corners.',
  knockTrivial: 'Too easily hit: at least three corners, twice across, and no corner twice in a row.',
  notSaved: 'Not saved yet: {{count}}',
  save: 'Save {{count}} changes',
  drop: 'Drop the changes',
  effect: 'This is what changes:',
  restartLater: 'Some count only once the program is restarted. That is under System.',
  versions: 'Versions',
  noVersions: 'Nothing was changed so far.',
  version: 'Version {{version}}',
  undo: 'Back to this version',
  undoEffect: 'All settings become as they were in version {{version}}; that is a new version.',
  nothingChanged: 'No difference',
  why: {
    settings_changed: 'The settings have just changed. Look again.',
    settings_same: 'It is so already.',
    settings_no_such_version: 'That version is not kept any more.',
    settings_unreadable:
      'A newer program has written that version, and this one cannot read it. Nothing was changed.',
    settings_settings:
      'It does not fit with the rest; nothing was changed. Is that camera used for something else?',
  },
};
