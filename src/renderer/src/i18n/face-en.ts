import type { Widen } from './shape.ts';
import type { accountZh, faceZh } from './face-zh.ts';

const otherWay = 'Your code opens the door just as well.';
const otherWayAccount = 'A code needs the network.';

const troubleOr = (way: string) => ({
  missing: { title: 'No camera found', lead: `It is not connected; staff will see to it. ${way}` },
  busy: { title: 'The camera did not start', lead: `It is busy and has not seen you. ${way}` },
  denied: { title: 'No camera here for now', lead: `It is not switched on at this cabinet. ${way}` },
  black: { title: 'The camera sees only black', lead: `It may be covered, or it is dark here. ${way}` },
  frozen: { title: 'The picture stands still', lead: `So it cannot tell who is there. ${way}` },
  face_off: { title: 'Faces do not work right now', lead: `That part is not ready. ${way}` },
});

const endedOr = (way: string) => ({
  not_recognised: {
    title: 'We did not recognize you',
    lead: `The light may be bad, or your face is not enrolled here. ${way}`,
  },
  not_alive: { title: 'We could not see you well', lead: `Light and angle matter. ${way}` },
  challenge_failed: { title: 'We missed that movement', lead: `You can try again. ${way}` },
  digits_wrong: { title: 'The digits did not match', lead: `Nothing was opened or charged. ${way}` },
  time: { title: 'Time is up, not seen well yet', lead: `You can try again. ${way}` },
  rate_limited: {
    title: 'Face login is paused for a few minutes',
    lead: `There were many tries just now. It works again in a few minutes. ${way}`,
  },
  ...troubleOr(way),
});

export const faceEn: Widen<typeof faceZh> = {
  notice: {
    title: 'Before we look at your face',
    lead: 'The camera is off. It goes on when you tap Start, and off again after the look.',
    who: 'Who: the operator of cabinet {{id}}, phone {{phone}}.',
    purpose: 'Why: only to know you and open this door.',
    way: 'How: compared inside this cabinet with the faces enrolled here. Nothing is sent out.',
    kept: 'Kept: no picture. If we know you, one line that it was used, without your face.',
    retention:
      'How long: enrolled face data is deleted after 90 days without use; the lines stay three years.',
    rights:
      'Your rights: the code works without your face, in as many steps. See and delete your ' +
      'face data in My account at any time.',
    age: 'Under 14? Please use the code. Not enrolled yet? Use your code in My account first.',
    leadAccount:
      'A code needs the network, your face does not. The camera is off: it goes on when you ' +
      'tap Start, and off again after the look.',
    purposeAccount:
      'Why: only to know you, so that you can see and delete your own data. The door stays shut.',
    rightsAccount:
      'Your rights: you can do without. Use your code when the network is back, or call us. If ' +
      'we know you, you can see and delete your face data at once.',
    ageAccount: 'Not enrolled here? Then we cannot know you, and nothing is kept.',
    start: 'Start',
    code: 'Use code',
    back: 'Back',
  },
  guide: {
    starting: 'The camera is starting',
    hold: 'Good, stay like this',
    look_again: 'Look at the camera again',
    turn_a_little: 'Turn your head a little',
    no_face: 'Look at the camera',
    several_faces: 'One person at a time, please',
    too_far: 'Come a little closer',
    cut_off: 'Bring your face into the circle',
    turned_away: 'Face the camera',
    tilted: 'Hold your head straight',
    too_dark: 'A bit dark: turn to the light',
    too_bright: 'Too bright: turn from the light',
    blurred: 'Hold still for a moment',
    blink: 'Blink once',
    turn_left: 'Turn slowly to your left',
    turn_right: 'Turn slowly to your right',
  },
  covered: {
    title: 'One moment',
  },
  looking: {
    lead: 'The picture stays here and is not kept.',
    cancel: 'Cancel',
    code: 'Use code',
    progress: 'Progress',
  },
  digits: {
    title: 'Last four digits of your phone number',
    lead: 'So that we do not mistake you for someone else.',
    entered: '{{count}} of 4 digits entered',
    delete: 'Delete one digit',
    cancel: 'Cancel',
    code: 'Use code',
  },
  ended: {
    code: 'Use code',
    again: 'Try again',
    back: 'Back',
    words: endedOr(otherWay),
    wordsAccount: endedOr(otherWayAccount),
  },
};

const nothingKept = 'Nothing was kept.';

export const accountEn: Widen<typeof accountZh> = {
  open: 'My account',
  byFace: 'Use face',
  menu: {
    title: 'My account',
    lead: '{{member}}, the door stays shut.',
    leadByFace: 'We know you. The door stays shut.',
    face: 'My face',
    none: 'Not enrolled. Once it is, one look opens this cabinet.',
    off: 'This cabinet cannot use faces now, so enrolling has to wait.',
    noneByFace:
      'Your face is not in this cabinet any more. To enrol later, use your code when there is a network.',
    since: 'Enrolled',
    used: 'Last used',
    neverUsed: 'Not used yet',
    expires: 'Deleted if unused',
    version: 'Consent version',
    enrol: 'Enrol my face',
    withdraw: 'Delete my face',
    records_one: 'Processing record ({{count}})',
    records_other: 'Processing record ({{count}})',
    done: 'Done',
  },
  consent: {
    title: 'Enrol your face?',
    lead: 'Only with your own consent. No is fine: the code opens the door in as many steps.',
    scroll: 'Notice',
    who: 'The operator of this cabinet, number {{id}}. Contact: {{phone}}.',
    purpose:
      'Your face tells us who you are, opens this cabinet and links to your account; without a ' +
      'network it also lets you see and delete your data. Nothing else.',
    sensitive:
      'A face is sensitive personal information; a leak could harm you. So it is encrypted and stays in this cabinet.',
    way:
      'We look at you a few times now and work out a set of numbers. Later looks are compared ' +
      'with them. No picture is kept and nothing leaves this cabinet.',
    retention:
      'Deleted after 90 days without use, or at once when you say so. The processing record ' +
      'has no face in it and stays three years.',
    rights:
      'Here, at any time: withdraw consent, delete your face, see and take the processing ' +
      'record. Or call us. Without your consent the code works in as many steps.',
    age: 'Not for people under 14.',
    version: 'Text version {{version}}',
    agreeTick: 'I have read this and agree to use my face',
    ageTick: 'I am 14 or older',
    agree: 'Agree',
    hint: 'Tick both to go on.',
    refuse: 'Decline',
  },
  capture: {
    lead: 'No picture is kept, only numbers.',
    taken: '{{taken}} of {{wanted}} looks',
    cancel: 'Do not enrol',
  },
  trial: { lead: 'A trial: look as you would at the door.' },
  enrolled: {
    title: 'You are enrolled',
    lead: 'Next time one look opens the door. You can delete it in My account at any time.',
  },
  ended: {
    again: 'Try again',
    menu: 'Back',
    words: {
      ...troubleOr(otherWay),
      needs_code: {
        title: 'Please show your enrolment code',
        lead: 'On your phone choose "Enrol my face", and hold the new code to the scanner.',
      },
      offline: {
        title: 'No network: enrolling has to wait',
        lead: `Enrolling is checked online. ${nothingKept} ${otherWay}`,
      },
      refused: {
        title: 'This was not confirmed',
        lead: `${nothingKept} Choose "Enrol my face" on your phone once more, and scan the new code.`,
      },
      full: { title: 'This cabinet is full', lead: `No more faces can be enrolled here. ${otherWay}` },
      time: { title: 'Time is up, not enrolled yet', lead: `${nothingKept} You can try again.` },
      already_enrolled: {
        title: 'This face is enrolled already',
        lead: `${nothingKept} If it was not you, please call us.`,
      },
      not_one_person: {
        title: 'We saw more than one person',
        lead: `${nothingKept} Please stand alone before the camera.`,
      },
      not_alive: { title: 'We could not see you well', lead: `${nothingKept} Please try in better light.` },
      trial_failed: {
        title: 'The trial did not know you',
        lead: `${nothingKept} Please enrol again in better light.`,
      },
      failed: { title: 'It could not be saved', lead: `${nothingKept} Please try again or call us.` },
    },
  },
  withdraw: {
    title: 'Really delete it?',
    lead: 'Your face data is deleted from this cabinet at once, for good. Your code keeps working.',
    yes: 'Delete',
    no: 'Keep it',
  },
  withdrawn: {
    title: 'Deleted',
    lead: 'Your face data is no longer in this cabinet. Your code keeps working.',
  },
  withdrawFailed: {
    title: 'Not deleted yet',
    lead: 'The cabinet could not delete it, so it is still there. Please try again or call {{phone}}, cabinet {{id}}.',
    again: 'Try again',
  },
  records: {
    title: 'Processing record',
    lead: 'All that was done with your face data. There is no face in it.',
    leadPart: 'The newest {{shown}} of {{all}} entries about your face data. There is no face in it.',
    none: 'Nothing yet.',
    list: 'Processing record',
    qr: 'Scan to take it all',
    qrLabel: 'QR code of the whole record',
    qrPart: 'Scan to take the newest {{taken}} of {{all}}. For the whole record please call {{phone}}.',
    qrPartLabel: 'QR code of the newest {{taken}} entries of {{all}}',
    kinds: {
      consented: 'You agreed to enrol',
      enrolled: 'Face enrolled',
      used: 'Recognized by face',
      improved: 'Face data updated',
      withdrawn: 'You withdrew, face deleted',
      expired: 'Unused for long, face deleted',
      exported: 'Record shown',
    },
  },
  back: 'Back',
};
