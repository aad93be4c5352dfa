import type { Words } from './shape.ts';

export const cabinetSettingsEn: Words['cabinetSettings'] = {
  open: 'Settings',
  heading: (cabinetId) => `Settings of ${cabinetId}`,
  lead:
    'As the cabinet has said that they are, and as you want them. It changes them once it has a network. What was ' +
    'changed at the cabinet stands below, too.',
  nothing:
    'This cabinet has said nothing of its settings: its program is too old, or it was not connected yet.',
  told: (version, at) => `Version ${version} at the cabinet, told at ${at}`,
  waiting: 'counts once the program is restarted',
  edit: 'Change settings',
  send: 'Send to the cabinet',
  reason: 'Why',
  failed: 'Something is not right, or nothing was changed. Look again.',
  conflict:
    'The settings at the cabinet have just changed, or its program does not know one of them. Close this and look ' +
    'again.',
  leftOpen: 'Left open',
  bounds: (min, max) => `${min} to ${max}`,
  corners:
    'Numbers in order, with spaces: 1 top left, 2 top right, 3 bottom right, 4 bottom left; five to seven, twice ' +
    'across at least.',
  order: 'Last change from here',
  noOrder: 'Nothing was changed from here so far.',
  orderOf: (by, at) => `${by}, ${at}`,
  state: {
    waits: 'The cabinet has not fetched it yet',
    unknown_there: 'The program of the cabinet does not know one of them: sent once it is updated',
    ended: 'Not fetched for thirty days: it has ended',
    done: 'The cabinet has done it',
    refused: 'The cabinet has not done it',
  },
  left: (names) =>
    `Changed by somebody at the cabinet, and left as it is there: ${names}. Send it again to overrule.`,
  versions: 'Versions',
  noVersions: 'Nothing was changed so far.',
  version: (version) => `Version ${version}`,
};
