import type { serviceOfficeZh } from './service-office-zh.ts';
import type { Widen } from './shape.ts';

export const serviceOfficeEn: Widen<typeof serviceOfficeZh> = {
  state: {
    open: 'Still shopping',
    finalised: 'Waits to be sent',
    queued: 'Waits to be sent',
    submitting: 'Being sent',
    in_doubt: 'Sent; not known whether it arrived',
    accepted: 'With the operator, not debited yet',
    paid: 'Paid',
    collecting: 'Declined, tried again',
    voided: 'Void',
    needs_attention: 'Waits for people',
  },
  cause: {
    network: 'network',
    system: 'system',
    account: 'account of the member',
    recognition: 'recognition',
  },
  ask: 'Ask the operator to look',
  askEffect:
    'The cabinet changes no amount, voids nothing and pays nothing back: people at the operator decide, two of them ' +
    'above a limit. Your staff number goes with it. Why should they look?',
  askWhy: {
    goods_wrong: 'Goods or count are wrong',
    goods_back: 'The goods were brought back',
    shopper_says: 'The shopper has asked',
    waits_long: 'It has waited too long',
  },
  faces: 'Faces kept',
  facesEver: 'People ever enrolled',
  offlineCount: 'Bills that wait for the network',
  offlineSum: 'Their sum',
  usedOf: '{{used}} of {{most}} at most',
  offlineUntil: 'May open offline until',
  nobodyOffline: 'Never: there is no permission',
  deleteFaces: 'Delete all {{count}} faces',
  deleteFacesEffect:
    'The {{count}} faces of this cabinet are deleted now, for good. Those members come in by their code, and have to ' +
    'enrol anew to use their face. The operator is told.',
  version: 'Version of the program',
  slot: 'Slot in use',
  update: 'Update',
  updateState: {
    idle: 'Up to date',
    waiting: 'Nothing to install now',
    fetching: 'Being fetched',
    installed: 'Installed, waits to switch',
    trying: 'The new version is tried',
    failed: 'Did not work, is tried again',
  },
  updateWhy: {
    expired: 'The order of the operator has ended',
    older: 'It is older than what runs',
    withdrawn: 'This version was withdrawn',
    failed_before: 'This version was tried here three times and did not work',
    not_its_turn: 'The turn of this cabinet has not come yet',
    paused: 'The operator has paused updates',
    outside_window: 'It waits for its hours',
    postponed: 'It was put off',
    disturbs: 'It waits until service has ended and nobody is served',
  },
  wanted: 'Version to install',
  failures: 'Times it failed',
  postponedUntil: 'Put off until',
  updateEffect:
    'Now: it switches once service has ended and nobody is served, outside of its hours too. What does not work ' +
    'goes back by itself. To have an older version again, ask the operator.',
  updateNow: 'Update now',
  postpone: 'Put it off for {{hours}} h',
  catalog: 'Catalogue',
  promotions: 'Promotions, version',
  promotionsOn: 'Promotions on now',
  policy: 'Offline policy',
  settings: 'Version of the settings',
  restart: 'Restart the program',
  restartEffect:
    'Service ends, and the program is stopped and started, which takes about a minute. Bills that wait are kept.',
  shutDown: 'Stop the program',
  shutDownEffect:
    'Service ends, and the program stays stopped until the machine is switched on again. Bills that wait are kept.',
  why: {
    no_such_charge: 'There is no such charge.',
    settled: 'It is settled already.',
    no_faces: 'This cabinet keeps no faces.',
    changed: 'The number has just changed. Look again.',
    storage: 'It could not be put on the disk. Check the disk.',
    not_here: 'The program cannot be stopped from this screen.',
    no_updates: 'This cabinet does not update by itself.',
    nothing_waits: 'There is no version to install.',
    postponed_enough: 'It was put off for seven days already.',
    busy: 'Something else is under way. Wait a moment.',
  },
};
