import { accountEn, faceEn } from './face-en.ts';
import { purchasesEn } from './purchases-en.ts';
import type { Widen } from './shape.ts';
import type { zh } from './zh.ts';

const humanLooks = 'Our staff will check it. Nothing is charged before that.';
const savedForLater = 'The bill is saved. It is charged once by itself when the network is back.';
/** Something was charged, or may have been. */
const humanLooksAtPaid = 'Our staff will check it. Anything charged wrongly is refunded.';

/** English, complete: a key that is missing here does not compile. */
export const en: Widen<typeof zh> = {
  bar: {
    simulated: 'Simulated cabinet',
    otherLanguage: '中文',
    largeText: 'Large text',
    doorOpen: 'Door is open',
    doorClosed: 'Door is closed',
    doorUnknown: 'Door not known',
  },
  attract: {
    title: 'Open. Take. Close.',
    lead: 'Take first, pay after closing.',
    shelf: 'What is inside',
    soldOut: 'Sold out',
    lastOne: 'Last one',
    empty: 'No goods yet',
    stepScan: 'Scan your code',
    stepTake: 'Open and take',
    stepClose: 'Close to pay',
    chooseCode: 'Open with code',
    chooseFace: 'Open with face',
    stepEither: 'Face or code',
    cabinet: 'Cabinet {{id}}',
    phone: 'Service {{phone}}',
    free: 'Not opened, not charged',
    offlineTitle: 'No network: the door stays shut',
    offlineLead: 'It works again as soon as the network is back.',
    offlineFull: 'Too many bills wait here. It works again with the network.',
    offlineFace: 'Your data can still be seen with your face: My account.',
    page: 'Page {{page}} of {{pages}}',
  },
  identifying: {
    title: 'Show your member code',
    lead: 'Hold the code on your phone over the lit scanner.',
    ownCode: 'Or scan this with your phone',
    ownCodeLabel: 'QR code of cabinet {{id}}, new every 20 seconds',
    ownCodeAway: 'Our own code is not available now. It is back as soon as the network is.',
    scanner: 'Hold your member code over the scanner',
    offlineTitle: 'No network: no code can be checked now',
    offlineLead: 'The door is locked and nothing is charged. This works again by itself with the network.',
    titleAccount: 'Your code, to see your data',
    leadAccount: 'Only to know that it is you. The door stays shut.',
    leadAccountOffline: 'The door is locked and nothing is charged. Your face shows you your data as well.',
    titleBoth: 'Show your code or scan ours',
    leadBoth: 'Either one opens the door.',
    tipBright: 'Turn up brightness',
    tipDistance: 'Hold 15 cm away',
    cancel: 'Cancel',
  },
  face: faceEn,
  account: accountEn,
  purchases: purchasesEn,
  authorising: {
    title: 'Checking',
    lead: {
      visit: 'Three seconds at most, then the door opens.',
      account: 'Three seconds at most. The door stays shut.',
    },
    late: 'A little slower than usual, nearly there.',
    cancel: 'Cancel',
  },
  refused: {
    again: 'Scan again',
    back: 'Back',
    otherWay: 'Or call our service',
    sayCabinet: 'Cabinet {{id}}',
    words: {
      network: {
        unreachable: {
          title: 'No network right now',
          remedy: 'Nothing was opened or charged. Please try again shortly.',
        },
        timeout: {
          title: 'The network is too slow',
          remedy: 'Nothing was opened or charged. Please try again.',
        },
        offline_time_unknown: {
          title: 'The cabinet needs the network once, to know the time',
          remedy: 'Without it no code can be told from an old one. Nothing was opened or charged.',
        },
        offline_no_policy: {
          title: 'No network: the door cannot open now',
          remedy: 'Nothing was opened or charged. It works again as soon as the network is back.',
        },
        offline_cabinet_cap: {
          title: 'The cabinet has too many bills to send',
          remedy: 'Nothing was opened or charged. It sells again as soon as the network is back.',
        },
        offline_face_list_old: {
          title: 'Faces do not open the door right now',
          remedy: 'There was no network for a while. Please use your member code instead.',
        },
      },
      system: {
        operator_error: {
          title: 'The system is busy',
          remedy: 'Nothing was opened or charged. Please try again.',
        },
        provider_error: {
          title: 'No answer from the payment service',
          remedy: 'Nothing was opened or charged. Please try again shortly.',
        },
        rejected: {
          title: 'This could not be verified',
          remedy: 'Nothing was charged. Refresh your code and try again, or call us.',
        },
        conflict: {
          title: 'Our records do not match',
          remedy: 'Nothing was charged. Please call us, we will sort it out.',
        },
        device_fault: {
          title: 'The cabinet is not ready',
          remedy: 'The lock or the reader did not answer. Nothing was charged. Please try again.',
        },
        storage_fault: {
          title: 'The cabinet cannot process payments right now',
          remedy: 'So the door stays shut and nothing is charged. Staff will come.',
        },
      },
      account: {
        declined: {
          title: 'Pay-later is not available to you now',
          remedy: 'Choose another way to pay on your phone, then scan again.',
        },
        insufficient_funds: {
          title: 'Your balance is too low',
          remedy: 'Top up or choose another way to pay on your phone, then scan again.',
        },
        expired_card: {
          title: 'Your card has expired',
          remedy: 'Change the card on your phone, then scan again.',
        },
        authentication_required: {
          title: 'Your payment needs your approval',
          remedy: 'Approve it on your phone, then scan again.',
        },
        suspended: {
          title: 'This account is suspended',
          remedy: 'Please call our service to learn why and what helps.',
        },
        unpaid_charges: {
          title: 'An earlier purchase is unpaid',
          remedy: 'Pay it on your phone and the door opens again at once.',
        },
        limit_reached: {
          title: 'Your pay-later limit is used up for now',
          remedy: 'Earlier visits are still being processed. After that the door opens again.',
        },
        code_unknown: {
          title: 'We do not know this code',
          remedy: 'Open the member code on your phone and scan again.',
        },
        code_expired: {
          title: 'This code has expired',
          remedy: 'It changes every minute. Refresh it and scan again.',
        },
        code_replayed: {
          title: 'This code was used already',
          remedy: 'Each code opens once. Refresh it and scan again.',
        },
        code_malformed: {
          title: 'This is not a member code',
          remedy: 'Open the member code on your phone; other codes do not open the door.',
        },
        face_not_enrolled: {
          title: 'Your face does not open this cabinet',
          remedy: 'Please use your code. To use your face, enrol it anew from your phone.',
        },
        offline_unverified: {
          title: 'Your account has to be checked online once',
          remedy: 'There is no network now. Nothing was charged. Please scan again when it is back.',
        },
        offline_denied: {
          title: 'This account cannot open the door now',
          remedy: 'Please see on your phone whether something is unpaid, or call us. Nothing was charged.',
        },
        offline_member_cap: {
          title: 'Your earlier bills here are still to be sent',
          remedy: 'There is no network now. Nothing was charged. It opens again when the network is back.',
        },
      },
      recognition: {
        reader_lost: {
          title: 'The cabinet cannot see its goods',
          remedy: 'So the door stays shut and nothing is charged. Please try again shortly.',
        },
        differs_from_confirmed: {
          title: 'Your last visit is being checked',
          remedy: 'Nothing was charged. Please call us to finish it.',
        },
        door_left_open: {
          title: 'Your last visit is being checked',
          remedy: 'Nothing was charged. Please call us to finish it.',
        },
        line_reported: {
          title: 'Your report is being looked at',
          remedy: 'Nothing was charged. Please call us to finish it.',
        },
      },
    },
  },
  unlocking: {
    hello: 'Hello {{member}}',
    preparingTitle: 'Unlocking',
    preparingLead: 'A quick look at the shelf first.',
    openingLead: 'The lock is being opened.',
    openTitle: 'Please open the door',
    openLead: 'Unlocked: pull the handle.',
    stuckTitle: 'Try the door',
    stuckLead: 'The lock gave no answer.',
    again: 'Stuck? Unlock again',
    free: 'Not opened, not charged',
    cancel: 'Cancel',
  },
  shopping: {
    title: 'In your hands',
    lead: 'Put something back and it goes away.',
    emptyTitle: 'It is open, help yourself',
    emptyLead: 'What you take shows up here at once.',
    emptyNote: 'Changed your mind? Just close the door, nothing is charged.',
    items_one: '{{count}} item',
    items_other: '{{count}} items',
    confirm: 'Looks right',
    afterClose: 'Just close the door to pay.',
    confirmed: 'Confirmed',
    confirmedClose: 'Just close the door.',
    takenBack: 'The list has changed, so your confirmation was taken back.',
    putBack: 'Thank you for putting back: {{name}}',
    putBackMany: 'Thank you for putting it back.',
    wrong: 'Report',
    wrongMarked: 'Reported',
    reportedNote: 'Not charged until our staff has checked.',
    heldPart: '{{amount}} more is being checked, not charged now',
    doubtQuestion: 'Did you take this? {{name}}',
    doubtNote: 'If we are not sure, you do not pay.',
    doubtNo: 'No',
    notBilled: 'Free',
    foreign: 'Not from this cabinet',
    foreignNamed: 'Put in: {{name}}',
    foreignNote: 'Please take it with you.',
    unknown_one: '{{count}} item we do not know',
    unknown_other: '{{count}} items we do not know',
    unknownNote: 'Not recognized, not charged.',
    ajar1: 'All done? Please close the door.',
    ajar2: 'Please close the door',
    shutLead: 'Push it until it clicks. Once it is shut you pay what you see.',
    shutUnknownLead:
      'The lock does not answer. Push it until it clicks; nothing is charged before the lock is back.',
    notShut: 'The door is not quite shut. Please push it until it clicks.',
    ajar3: 'Our staff has been told. Please close the door; what leaves from now on is checked by staff.',
    nearLimit: 'Close to the limit of one visit, {{amount}}. What goes beyond it is charged, too.',
    overLimit:
      'Over the limit of one visit, {{amount}}. All of it is charged; until it is paid, the door may stay shut.',
    readerTrouble: 'The reader is reconnecting, this list may be old. Nothing unclear is charged right away.',
    list: 'Shopping list',
  },
  checking: {
    title: 'Counting',
    lead: 'The door is shut. This usually takes a few seconds.',
    confirmed: 'What you confirmed is what counts',
    unconfirmed: 'You will see the result',
    differs: 'What differs is not charged now, it is checked',
    back: 'Still on the shelf, not charged',
  },
  receipt: {
    yourAccount: 'your account',
    accountOf: 'the account of {{member}}',
    mayBeCharged: humanLooksAtPaid,
    paidBy: '{{member}}, {{means}}: {{amount}} charged. Thank you!',
    means: {
      wechat_pay: 'WeChat Pay',
      alipay: 'Alipay',
      unionpay: 'UnionPay',
      card: 'bank card',
      balance: 'balance',
      simulated: 'simulated payment',
    },
    status: {
      paid: {
        title: '{{amount}} paid',
        chip: 'Paid',
        note: '{{amount}} was charged to {{account}}. Thank you!',
      },
      sending: {
        title: 'Charging {{amount}}',
        chip: 'Being charged',
        note: 'Your bill is safe and on its way. You can go.',
      },
      follows: {
        title: '{{amount}} is charged later',
        chip: 'Charged later',
        note: 'Your bill is safe and will be charged once. You do not need to do anything.',
      },
      collecting: {
        title: '{{amount}} not paid yet',
        chip: 'To be paid',
        note: 'Please check your way to pay on your phone.',
      },
      review: { title: 'Our staff will check', chip: 'Being checked', note: humanLooks },
      nothing: { title: 'Nothing charged', chip: 'Not charged', note: 'This visit costs nothing.' },
      settled: {
        title: '{{amount}} paid',
        chip: 'Paid',
        note: '{{amount}} was settled. No more is charged. Thank you!',
      },
      refunded: { title: 'Refunded', chip: 'Refunded', note: 'The money goes back to you.' },
    },
    words: {
      network: {
        unreachable: {
          why: 'No network right now',
          next: 'Your bill is safe and will be charged once when the network is back. You do not need to do anything.',
        },
        timeout: {
          why: 'No answer about the charge yet',
          next: 'We ask first and never charge twice. You do not need to do anything.',
        },
        offline_time_unknown: { why: 'The cabinet did not know the time', next: savedForLater },
        offline_no_policy: { why: 'The cabinet had no network', next: savedForLater },
        offline_cabinet_cap: { why: 'The cabinet had too many bills to send', next: savedForLater },
        offline_face_list_old: { why: 'The list of faces was too old', next: savedForLater },
      },
      system: {
        operator_error: {
          why: 'The payment system is busy',
          next: 'Your bill is safe and will be charged once. You do not need to do anything.',
        },
        provider_error: {
          why: 'No answer from the payment service',
          next: 'Your bill is safe. We try again and charge only once.',
        },
        rejected: { why: 'The system did not accept this bill', next: humanLooks },
        conflict: { why: 'Our records do not match', next: humanLooksAtPaid },
        device_fault: { why: 'A device failed during your visit', next: humanLooks },
        storage_fault: { why: 'The accounts had a fault', next: humanLooks },
      },
      account: {
        declined: {
          why: 'The payment was declined',
          next: 'Choose another way to pay on your phone; then it is charged once.',
        },
        insufficient_funds: {
          why: 'Your balance is too low',
          next: 'Top up or change the way to pay; then it is charged once.',
        },
        expired_card: {
          why: 'Your card has expired',
          next: 'Change the card on your phone; then it is charged once.',
        },
        authentication_required: {
          why: 'The payment needs your approval',
          next: 'Please approve it on your phone.',
        },
        suspended: { why: 'Your account is suspended', next: 'Please call us, we will settle it together.' },
        unpaid_charges: {
          why: 'Earlier purchases are unpaid',
          next: 'Please pay them together on your phone.',
        },
        limit_reached: { why: 'The pay-later limit was used up then', next: humanLooks },
        code_unknown: { why: 'The account was not found', next: humanLooks },
        code_expired: { why: 'The code had expired', next: humanLooks },
        code_replayed: { why: 'The code had been used before', next: humanLooks },
        code_malformed: { why: 'The code was incomplete', next: humanLooks },
        face_not_enrolled: { why: 'The face was not enrolled then', next: humanLooks },
        offline_unverified: { why: 'The account could not be checked online', next: humanLooks },
        offline_denied: { why: 'The account could not open the door then', next: humanLooks },
        offline_member_cap: { why: 'Too much was still to be sent then', next: humanLooks },
      },
      recognition: {
        reader_lost: {
          why: 'The last look at the shelf failed',
          next: 'Only the list you saw counts, and our staff checks it once more.',
        },
        differs_from_confirmed: {
          why: 'The count differs from your list',
          next: 'What differs is not charged before our staff has checked.',
        },
        door_left_open: {
          why: 'Nobody watched the door for a while',
          next: 'What left meanwhile is not charged before our staff has checked.',
        },
        line_reported: {
          why: 'You said something was wrong',
          next: 'What you marked is not charged before our staff has checked.',
        },
      },
    },
    lines: 'This purchase',
    held: 'Not charged, being checked',
    heldPart: '{{amount}} more is being checked, not charged now.',
    heldCounted: 'Checked, charged with the rest',
    heldInPart: 'Checked, a part is charged with the rest',
    heldDropped: 'Not charged',
    heldEmpty: 'Nothing was charged',
    total: 'Total',
    disputed: 'Reported, being checked',
    disputedDone: 'Reported',
    payHow: 'How to pay it: My account on the start screen, then My purchases.',
    billed: 'Charged',
    toBill: 'To be charged',
    ref: 'No.',
    time: 'Time',
    place: 'Place',
    phone: 'Service',
    qr: 'Scan to keep it',
    qrLabel: 'QR code of receipt {{ref}}',
    qrText: 'Kaimen receipt {{ref}}\n{{money}}\n{{time}}\n{{place}}\nService {{phone}}',
    finish: 'Done',
  },
  dispute: {
    action: 'Report a problem',
    title: 'What is wrong?',
    lead: 'Not taken, wrong count, wrong price: mark it. Our staff will check.',
    line: 'Wrong',
    marked: 'Marked',
    send: 'Send',
    back: 'Back',
    still: 'Still there? Touch the screen to go on.',
    stillKept: 'Otherwise it closes. What you marked is kept: see My purchases.',
    stillEmpty: 'Otherwise it closes. Nothing is marked yet.',
    goOn: 'Finish report',
    received: 'Received',
    decidedTitle: 'Your report was decided',
    notReceived: 'Your report was not taken',
    beforePaid: 'That part is not charged before our check. If it just was, it is refunded.',
    afterPaid: 'Charged already. Our staff will check and refund the disputed part.',
    notDebited: 'The disputed part was not charged. Our staff will check.',
    decided: 'The disputed part was not charged.',
    refunded: 'The money goes back to you.',
    refundedInPart: 'A part of the money goes back to you.',
    denied: 'Our staff has checked it: no refund. Questions? Please call.',
    checked: 'Our staff has checked it.',
    notTaken: 'Nobody is checking it. Please call us, and we will.',
    contact: 'Ref. {{ref}}, call {{phone}}',
  },
  nothing: {
    not_opened: {
      title: 'The door was not opened, nothing charged',
      lead: 'It is locked. Scan whenever you like.',
    },
    nothing_taken: { title: 'Nothing taken, nothing charged', lead: 'Looking is free. See you next time.' },
    unlock_failed: {
      title: 'Sorry, the door did not open. Nothing charged',
      lead: 'Please scan again or call {{phone}}.',
    },
    cancelled: { title: 'Cancelled, nothing charged', lead: 'Come back whenever you like.' },
    finish: 'Done',
  },
  service: {
    words: {
      starting: {
        title: 'Nearly ready',
        lead: 'The cabinet is getting ready, usually in less than a minute.',
      },
      lock_unreachable: {
        title: 'Out of service',
        lead: 'The lock does not answer. To be safe the door stays locked.',
      },
      reader_unreachable: {
        title: 'Out of service',
        lead: 'The reader does not answer. What it cannot see is not sold.',
      },
      door_open_without_visit: {
        title: 'Please close the door',
        lead: 'It is not shut: push it until it clicks. Thank you!',
      },
      storage_failed: {
        title: 'Out of service',
        lead: 'The cabinet cannot process payments right now, so the door stays locked.',
      },
      storage_newer: {
        title: 'Out of service',
        lead: 'The software needs an update. The door stays locked until then.',
      },
      not_enrolled: {
        title: 'Not open yet',
        lead: 'This cabinet is not registered yet. It works as soon as it is.',
      },
      no_catalog: {
        title: 'No goods yet',
        lead: 'Goods and prices have not arrived. It works as soon as they do.',
      },
      nothing_heard: {
        title: 'Sold out',
        lead: 'No goods are seen inside. Come back when it is filled again.',
      },
      too_many_tags: {
        title: 'Out of service',
        lead: 'More goods are inside than the reader can follow. What it cannot count is not sold.',
      },
    },
    since: 'Since {{time}}',
    call: 'In a hurry? Call us',
    noCharge: 'Nothing is charged meanwhile',
    earlierCharges: 'Only earlier purchases are charged meanwhile',
    staff: {
      device: {
        missing: { why: 'is not in the settings', todo: 'Add it with the set-up program.' },
        disconnected: {
          why: 'is not connected, or has no power',
          todo: 'Check its cables and wait half a minute.',
        },
        timeout: {
          why: 'is connected and does not answer',
          todo: 'Switch it off for ten seconds; if that does not help, replace it.',
        },
        protocol: {
          why: 'gives wrong answers',
          todo: 'Check its model and address in the settings, then switch it off and on.',
        },
      },
      host: {
        gone: {
          why: 'is out of reach: the device program has stopped',
          todo: 'It starts again by itself; if not, restart the cabinet.',
        },
      },
      fault: {
        slow: {
          why: 'takes too long for each look at the shelf',
          todo: 'Set its scan time to 0.3 s, or take another one.',
        },
        line: {
          why: 'is heard, but many of its answers are lost',
          todo: 'Check its cable and plugs, and what may disturb them.',
        },
        unreadable: {
          why: 'hears nothing that it can use',
          todo: 'Check its antenna and the antenna cable, then the tags.',
        },
        contact: {
          why: 'does not show whether the door is open',
          todo: 'Check the door contact, its wires and the bolt; open the door once.',
        },
        bolt: {
          why: 'answers, but does not open',
          todo: 'Check its power, its wires and the bolt; open the door once.',
        },
      },
    },
    forStaff: 'Staff: the {{device}} {{why}}. {{todo}}',
    device: { lock: 'lock', 'tag-reader': 'tag reader' },
  },
  recovering: {
    title: 'Just a moment',
    lead: 'We were interrupted. Your purchase is on record: nothing is lost, nothing is charged twice.',
    door: 'If the door is open, please close it.',
  },
  broken: {
    title: 'The screen had a problem',
    lead: 'It opens again in a few seconds. Your purchase is safe.',
  },
  scan: {
    recovering: 'We are recovering. Please scan again in a moment.',
    closed: 'The door cannot open now. Please see the screen.',
    checking_code: 'We are checking. No need to scan again.',
    account: 'To open the door, go back and scan again. To enrol your face, show the enrolment code.',
    door_opening: 'The door is being opened. No need to scan again.',
    door_open: 'The door is open, no need to scan. Next in line: scan when it is shut.',
    counting: 'We are counting. Please scan again in a moment.',
    form: 'One moment please, somebody is not finished yet.',
    accountWithoutFaces: 'To open the door, go back and scan again.',
    refused: 'This code opens nothing.',
  },
  notice: {
    stale: 'The list has just changed. Please look again, then confirm.',
    late: 'The screen has just changed. Please look again.',
    failed: 'That did not work. Please tap again.',
  },
  ring: { seconds_one: '{{count}} second left', seconds_other: '{{count}} seconds left' },
};
