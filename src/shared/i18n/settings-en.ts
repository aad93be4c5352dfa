import type { SettingWords } from './settings-shape.ts';

export const settingsEn: SettingWords = {
  name: {
    language: 'Language of the screen',
    soundPercent: 'How loud sounds are',
    servicePhone: 'Telephone of support',
    knock: 'Hidden touches to service',
    coolingMaxMilliC: 'Limit of the temperature',
    coolingForMinutes: 'Too warm for so long closes it',
    faceCamera: 'Camera for faces',
    faceRotation: 'Picture of faces turned by',
    identifySeconds: 'Wait for a member code',
    openDoorSeconds: 'Wait for the door to be pulled',
    ajarSeconds: 'Open and nothing moves: remind after',
    receiptSeconds: 'Receipt stays',
  },
  effect: {
    language: 'In which each shopper finds the screen. They may change it; it changes back when they leave.',
    soundPercent: 'How loud the signals are. At 0 there are none: a door left open is not heard either.',
    servicePhone: 'The number that screen and receipt tell shoppers to call. A wrong one reaches nobody.',
    knock:
      'Touch these corners of the screen in order, and the pad for staff numbers shows. The old ones stop to work at ' +
      'once; with a service card you come in without them.',
    coolingMaxMilliC:
      'Above it for too long, nothing is sold until somebody has looked at the goods. Without a limit the cabinet ' +
      'never closes for warmth.',
    coolingForMinutes: 'Above the limit for so long, nothing is sold until somebody has looked at the goods.',
    faceCamera: 'Which camera looks at faces, by name or id. Not said: the only one there is.',
    faceRotation:
      'Turns the picture upright where the camera is on its side. Not said: the cabinet finds out.',
    identifySeconds: 'Nobody shows a member code for so long: back to the first screen.',
    openDoorSeconds:
      'Unlocked, and nobody pulls for so long: it counts as never opened, and nothing is charged.',
    ajarSeconds: 'Open and nothing moves for so long: the screen reminds; 90 seconds later staff is told.',
    receiptSeconds: 'Nobody touches the screen for so long: the receipt goes.',
  },
  value: {
    zh: 'Chinese',
    en: 'English',
    topLeft: 'top left',
    topRight: 'top right',
    bottomRight: 'bottom right',
    bottomLeft: 'bottom left',
  },
  nothing: { coolingMaxMilliC: 'No limit', faceCamera: 'Not said', faceRotation: 'Not said' },
  unit: { seconds: 's', minutes: 'min' },
  takes: { now: 'Counts at once', restart: 'Counts once the program is restarted' },
  why: {
    begin: 'As it was before',
    here: 'Changed at the cabinet',
    undo: 'Taken back at the cabinet',
    operator: 'Changed by the operator',
    elsewhere: 'Changed elsewhere (in the file, or found out by the cabinet)',
  },
};
