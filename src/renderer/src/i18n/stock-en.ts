import type { Widen } from './shape.ts';
import type { stockZh } from './stock-zh.ts';

/** Service mode: what lies in the cabinet. */
export const stockEn: Widen<typeof stockZh> = {
  part: {
    stock: 'Now',
    restock: 'Restock',
    places: 'Places',
    photos: 'Photos',
    dates: 'Best before',
    differences: 'Differences',
  },
  restock: {
    lead: 'Open, take out what is past its day, fill by the plan, count. A power cut leaves it where it was.',
    begin: 'Open, and restock',
    interrupted: 'Not finished: begun by staff {{who}}, {{when}}. Go on with this step, or break it off.',
    step: {
      waste: 'Take out what is past its day',
      plan: 'Look at the newer plan',
      fill: 'Put goods in',
      count: 'Count and accept',
    },
    todo: {
      waste: 'Take out what is past its day or spoilt, and say so for each.',
      plan: 'This is how it is to stand. Once done, it is counted by this plan.',
      fill: 'Fill by the plan, enter best-before days, shut the door, and wait until it has counted.',
      count: 'Look at what differs from the plan. Once accepted, what is counted now is right.',
    },
    next: 'This step is done',
    accept: 'Accept what is counted',
    breakOff: 'Break the restock off',
    refused: {
      expired_left: 'Something past its day is still inside.',
      not_settled: 'Shut the door, and wait until it has counted.',
      begun: 'A restock is under way already.',
      no_restock: 'No restock is under way.',
      storage: 'It was not written down. Please try again.',
    },
  },
  plan: {
    none: 'There is no plan yet.',
    newer: 'The newer plan, for this restock: now / wanted',
    filled: 'The plan of the last restock: now / wanted',
    lane: 'lane {{lane}}',
    problem: {
      unknown_sku: 'The newer plan does not fit: not sold here ({{about}}). The operator is told.',
      no_such_lane: 'The newer plan does not fit: no such lane ({{about}}). The operator is told.',
      other_lane: 'The newer plan does not fit: not on that lane ({{about}}). The operator is told.',
      over_capacity: 'The newer plan does not fit: too many pieces ({{about}}). The operator is told.',
    },
  },
  places: {
    none: 'Nobody has restocked by a plan yet: there are no places to change.',
    lead:
      'Say here when goods stand elsewhere. It counts once the count is accepted, and the operator is told; ' +
      'their next plan takes its place.',
    which: 'Which goods stand elsewhere?',
    nowhere: 'no place named',
    moved: 'The plan says {{planned}}. Moved by {{by}}, {{when}}.',
    movedWaiting: 'The plan says {{planned}}. Moved by {{by}}, {{when}}; counts once the count is accepted.',
    undo: 'Undo the last move',
    where: '{{name}} ({{from}}): where does it stand now?',
    swap: '{{slot}}: swap with {{name}}',
    empty: '{{slot}}: free',
    type: 'Another place',
    effect:
      '{{name}}: from {{from}} to {{to}}.\n' +
      'No bill and no price changes. It counts once the count is accepted, and the operator sees your staff number; ' +
      'until then it can be undone.',
    effectSwap:
      '{{name}}: from {{from}} to {{to}}.\n{{other}}: from {{to}} to {{from}}.\n' +
      'No bill and no price changes. It counts once the count is accepted, and the operator sees your staff number; ' +
      'until then it can be undone.',
    do: 'They stand there now',
    refused: {
      not_planned: 'The plan does not have these goods.',
      same_place: 'They stand there already.',
      stands_other: 'Something else stands there than the screen says. Please look again.',
      other_scale: 'Two scales weigh these goods: a technician changes the set-up first.',
      seen_by_camera:
        'A camera inside looks for these goods in their place: a technician changes the set-up first.',
      too_many: 'Too many moves wait: accept the count first.',
      nothing_waits: 'There is nothing to undo.',
      storage: 'It was not written down. Please try again.',
    },
  },
  dates: {
    lead: 'Until when the goods are good. Take out what is past its day. Bar codes can be held before the scanner.',
    add: 'Enter a best-before day',
    none: 'No best-before day was entered so far.',
    which: 'Which article? Or hold its bar code before the scanner.',
    day: '{{name}}: good until (year, month, day: {{sample}})',
    count: '{{name}}, until {{day}}: how many?',
    remove: 'Taken out',
    expired: 'Past its day, {{day}}: take it out',
    soon: 'Due {{day}}',
    good: 'Good until {{day}}',
    noProduct: 'No article has this bar code: {{text}}',
    refused: {
      past: 'That day is over: it must not be sold.',
      far: 'That day is too far away. Please look again.',
      full: 'Too many days are noted: clear what was taken out.',
      unknown: 'There are not so many, or no such article.',
      not_inside: 'There are not so many inside. Open the door first.',
      storage: 'It was not written down. Please try again.',
    },
  },
  differences: {
    none: 'So far each count has added up.',
    lead: "Gone, or too many, when they were counted before the door was opened. On nobody's bill.",
    when: 'Between {{from}} and {{to}}',
    between: 'Door opened meanwhile ({{count}}×): {{who}}',
    staff: 'staff {{staffNo}}',
    save: 'Save as a table to a USB stick',
    nobody: 'No shopper and no staff had the door meanwhile',
  },
};
