import type { Words } from './shape.ts';

const kind: Readonly<Record<string, string>> = {
  lock: 'Lock',
  'door-sensor': 'Door contact',
  'tag-reader': 'Tag reader',
  'code-scanner': 'Code scanner',
  scale: 'Scale',
  light: 'Light',
  visits: 'Getting in',
  thermometer: 'Thermometer',
};

export const updatesEn: Words['updates'] = {
  heading: 'Software updates',
  lead:
    'What cabinets are to run, and how far they are. Releases are signed elsewhere; here somebody chooses ' +
    'among what is signed.',
  wanted: (release) => `${release} is wanted`,
  nothing: 'No release is wanted',
  nothingHow: 'Cabinets keep what they run.',
  share: (percent) => `For ${percent}% of all cabinets`,
  anyTime: 'Switched to at any time',
  within: (windows) => `Switched to within ${windows} alone, the cabinet’s local time`,
  until: (time) => `Good until ${time}`,
  paused: 'Paused',
  running: 'Under way',
  progress: 'Cabinets whose turn it is',
  states: {
    have: 'Run it',
    trying: 'Try it now',
    installed: 'Have it ready, until nobody is disturbed',
    fetching: 'Fetch it',
    waiting: 'Have not begun',
    failed: 'Failed',
    silent: 'Have never said anything',
  },
  versions: 'What runs now',
  version: 'Version',
  unknownVersion: 'Not said',
  inTurn: 'In turn',
  others: 'Others',
  usefulness: 'How useful devices are',
  usefulnessLead:
    'Twenty visits with the version beside the twenty before: in how many each device was of use. Less than half as ' +
    'many is worse; worse at two cabinets and a tenth of all pauses the roll-out. Getting in is worse where twenty ' +
    'people in a row were turned away for no cause of theirs, or nobody came for four days and for as long as twenty ' +
    'visits took before.',
  kind,
  stopped: (device, worse, judged, at) =>
    `Paused by itself at ${at}: ${device} is worse at ${worse} of ${judged} cabinets.`,
  stoppedHow:
    'Look at those cabinets, then resume or withdraw it. Once resumed, this version is not paused by itself again.',
  stoppedOver: 'Somebody has looked and let it go on.',
  nobodyJudged: 'At no cabinet there were twenty visits yet.',
  worseOf: (worse, judged) => `worse at ${worse} of ${judged}`,
  failures: 'Where it failed',
  noFailures: 'No failure was reported.',
  failedAt: (cabinet, release, times) =>
    `${cabinet}: ${release}, failed ${times === 1 ? 'once' : `${times} times`}`,
  why: {
    unreachable: 'not reached',
    silent: 'the server sent nothing any more',
    slow: 'the line is too slow',
    busy: 'the server is busy',
    elsewhere: 'led elsewhere (a sign-in page or a proxy)',
    untrusted: 'the signature is not right',
    missing: 'there is no such release',
    disk: 'the disk did not take it',
    failed_before: 'failed three times, not tried any more',
  },
  pinned: 'Cabinets with a release of their own',
  pinnedLead: 'They do not follow the fleet, and run what is ordered for them alone.',
  noPinned: 'None: all follow the fleet.',
  pinnedTo: (cabinet, release) => `${cabinet} is to run ${release}`,
  withdrawn: 'Withdrawn releases',
  order: 'Order a release',
  pause: 'Pause',
  resume: 'Resume',
  withdraw: 'Withdraw',
  pin: 'Pin a cabinet',
  unpin: 'Follow the fleet again',
  pinWhich: 'Cabinet number',
  badCabinet: 'That is no number of a cabinet: letters, digits and hyphens alone.',
  release: 'Release',
  releaseHint: '1.2.0, for example; signed and published already',
  percent: 'For how many cabinets (%)',
  percentHint: 'Which ones goes by the release, and does not change',
  windows: 'When it is switched to',
  windowsHint: '02:00-05:00, for example; empty: at any time',
  days: 'Good for so many days',
  daysHint: '1 to 365; a cabinet away for longer does not begin with an old order',
};
