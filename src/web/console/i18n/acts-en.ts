import type { Words } from './shape.ts';

export const actsEn: Words['acts'] = {
  intents: {
    bill_held: {
      title: 'Charge held goods too',
      lead: 'Choose what was taken for certain; it is debited with the bill.',
    },
    drop_held: {
      title: 'Do not charge held goods',
      lead: 'Only what is billed is debited, or stays debited; where nothing is, nothing.',
    },
    debit: { title: 'Debit', lead: 'The amount that you say is debited, never more than the screen named.' },
    waive: { title: 'Waive', lead: 'Nothing more is asked for. What was paid stays paid.' },
    leave: { title: 'All is well, leave it so', lead: 'It was looked at; the charge stays as it is.' },
    refund: { title: 'Refund', lead: 'Some or all of it is paid back; the charge stays on record.' },
    accept_report: {
      title: 'The report is right',
      lead: 'What was reported is not charged; what was paid of it goes back.',
    },
    deny_report: {
      title: 'The report is not right',
      lead: 'It was checked: what was reported is to be paid.',
    },
    settled: {
      title: 'Paid in another way',
      lead: 'The shopper has paid otherwise, in cash or by a transfer.',
    },
    debited: { title: 'Debited at the provider', lead: 'You have seen at the provider that it was debited.' },
    close_incident: {
      title: 'This is dealt with',
      lead: 'It was looked into; the reason says what was done.',
    },
    explain_difference: {
      title: 'The difference is explained',
      lead: 'The cause is known; nothing else is to be done.',
    },
    close_difference: {
      title: 'The difference is dealt with',
      lead: 'It was put right; the reason says how.',
    },
    charge_visit: {
      title: 'Charge by hand',
      lead:
        'No bill has come of this visit. Choose what was taken for certain; it is debited at the prices ' +
        'of then, and not again should the cabinet’s own bill come later.',
    },
    message_member: {
      title: 'Write to the member',
      lead: 'They read it on their phone page and cannot answer there; they do not see who wrote it.',
    },
    put_goods: {
      title: 'Put this catalogue in force',
      lead: 'All cabinets sell by it from the next door on. Look at what it changes, then give the reason.',
    },
    put_promotions: {
      title: 'Put these promotions in force',
      lead: 'They are on from the next door on, and those left out end. Look at what changes, then give the reason.',
    },
    order_update: {
      title: 'Order a release',
      lead: 'Cabinets whose turn it is fetch it, and switch when nobody is disturbed. Look, then give the reason.',
    },
    pin_cabinet: {
      title: 'Order a release for one cabinet',
      lead: 'It follows the fleet no more, until somebody lets it.',
    },
    pause_updates: { title: 'Pause updates', lead: 'No cabinet begins to fetch, or switches, any more.' },
    resume_updates: { title: 'Resume updates', lead: 'Cabinets whose turn it is go on.' },
    withdraw_release: {
      title: 'Withdraw this release',
      lead: 'No cabinet installs it, or switches to it, ever again. That is not taken back.',
    },
    unpin_cabinet: { title: 'Follow the fleet again', lead: 'What is ordered for all counts for it again.' },
    block_member: {
      title: 'Block this member',
      lead: 'No door opens for them: online at once, offline with the next update.',
    },
    unblock_member: { title: 'Unblock this member', lead: 'Doors open for them again.' },
    open_wallet: { title: 'Open a wallet', lead: 'A prepaid wallet for this member.' },
    top_up_wallet: { title: 'Top up the wallet', lead: 'The member has paid; it is put into the wallet.' },
    adjust_wallet: {
      title: 'Adjust the wallet',
      lead: 'Puts the balance right; a negative amount is taken out.',
    },
  },
  amount: 'Amount',
  amountBack: 'Amount to pay back',
  amountPaid: 'Paid in all',
  amountDebited: 'Debited in all at the provider',
  upTo: (amount) => `At most ${amount}`,
  goodsWhich: 'What was taken for certain (what was sold then, at the prices of then)',
  goodsFind: 'Find goods',
  goodsCount: (name) => `How many: ${name}`,
  goodsLess: (name) => `One less: ${name}`,
  goodsMore: (name) => `One more: ${name}`,
  goodsMost: (amount) => `This visit allowed ${amount} at most`,
  goodsSum: (amount) => `In all ${amount}`,
  noGoods: 'Choose at least one article.',
  tooMuch: 'That is more than this visit allowed. Please choose less.',
  template: 'What it says',
  templates: {
    free: 'My own words alone',
    looked_at: 'The report was looked at',
    charged_by_hand: 'A bill was made by hand',
    money_back: 'Money goes back',
    account_needed: 'Please look at how you pay',
    sorry: 'An apology',
  },
  ownWords: 'Your words',
  ownWordsToo: 'More words (may be left out)',
  ownWordsHint:
    'Up to 500 characters, shown as they are and not translated: use a language that the member reads.',
  asRead: 'What the member reads',
  asReadOne: 'Of the standing words above, the member sees those of their own language.',
  badMessage: 'Please write something: text and lines alone, up to 500 characters.',
  nextMessage:
    'The member reads it with their next look at the phone page; it is kept for 90 days. It cannot be taken back.',
  heldWhich: 'What was taken for certain',
  reference: 'Reference',
  referenceHint: 'The number of the payment or decision; each counts once.',
  reason: 'Reason',
  reasonHint: 'Goes into the log, 3 to 150 characters. Say what it rests on: what you saw, whom you asked.',
  look: 'See what happens',
  badAmount: 'Please give an amount, such as 12.50.',
  badReason: 'Please give a reason, at least 3 characters.',
  badReference: 'Please give a reference: letters, digits, dots, hyphens, up to 64.',
  noneChosen: 'Choose at least one; if none was taken, use “Do not charge held goods”.',
  previewHeading: 'Look before you confirm',
  before: 'Now',
  after: 'Then',
  field: 'What',
  unchanged: 'Nothing changes in the books.',
  next: {
    debit: (amount) => `Then ${amount} is debited from the shopper’s account by itself.`,
    refund: (amount) => `Then ${amount} goes back to the shopper by itself.`,
    refund_by_hand: (amount) => `Then somebody has to pay ${amount} back by hand; the queue will have it.`,
    nothing: () => 'Nothing else follows.',
  },
  nextGoods:
    'Cabinets have it within minutes, one that is offline once it is back. A visit keeps the prices of ' +
    'when its door was opened. Earlier catalogues are kept and can be put in force again.',
  nextPromotions:
    'Cabinets online have them within seconds, one that is offline once it is back; it ends its own after 8 days. ' +
    'A visit goes by what was on when its door was opened. Earlier ones are kept and can be put in force again.',
  needsSecondPromotions: 'Everybody pays by these promotions: somebody else has to agree first.',
  cannotPromotions:
    'Nothing was changed: something of them is not right, or they are so already. Close this and look again.',
  needsSecondGoods: 'Everybody pays by this catalogue: somebody else has to agree first.',
  nextUpdates: {
    anyTime: 'and switch when nobody is disturbed',
    within: (windows) => `and switch within ${windows}, local time, when nobody is disturbed`,
    order: (release, reached, all, when) =>
      `It is the turn of ${reached} of ${all} cabinets. Those online know within seconds, fetch ${release} ${when}. ` +
      'None switches while somebody shops, the door is open or staff is at work. The new version has to prove ' +
      'that all is well, or the cabinet goes back by itself.',
    pin: (cabinet, release, when) =>
      `${cabinet} is to fetch ${release} ${when}; it goes back by itself where that is not well. ` +
      'It never takes an older one than it runs.',
    pause:
      'Cabinets online know within seconds. What is being fetched is fetched to its end, and not switched to; ' +
      'a cabinet that is offline hears it once it is back.',
    resume: 'Cabinets whose turn it is go on within seconds.',
    withdraw: (release) =>
      `No cabinet installs ${release} or switches to it. Those that run it keep it: the way on is a newer release.`,
    unpin: (cabinet) =>
      `${cabinet} does what is ordered for all. A newer version that it runs already stays.`,
  },
  needsSecondUpdate: 'It is about many cabinets: somebody else has to agree first.',
  cannotUpdate:
    'Nothing was changed: it is so already, the release was withdrawn, or there is no such cabinet. Close this ' +
    'and look again.',
  badRollOut: 'Give a release (1.2.0), a share from 0 to 100, times that can be read, and 1 to 365 days.',
  cannotGoods:
    'Nothing was changed: this catalogue is not there any more, or another one has just been put in ' +
    'force. Close this and look again.',
  needsSecond: (stake) =>
    `It is about ${stake}, above what one person may do: somebody else has to agree first.`,
  confirm: 'Do it',
  propose: 'Hand it in for a second person',
  back: 'Back',
  done: 'Done.',
  things: {
    charge: 'Open the charge',
    visit: 'Open the visit',
    member: 'All charges of the member',
    goods: 'To the catalogues',
    promotions: 'To the promotions',
    updates: 'To the updates',
    proposals: 'To what waits for agreement',
  },
  proposed: 'Handed in. It is done once somebody else agrees under “To agree”.',
  changed:
    'Somebody, or the system, has changed it; nothing was done. This is how it is now; please look again:',
  cannot: 'Nothing was done: it has changed, or the amount does not fit. Look at how it is now.',
  cannotVisit:
    'Nothing was done: the visit has a charge by now, was decided about, or cannot be charged so ' +
    'much. Close this and look at how it is now.',
  cannotMessage:
    'It was not sent: enough was written to this member today, or somebody has just written, too.',
  sentences: {
    debit: (amount) => `Debit ${amount}`,
    waive: (amount) => `${amount} stays due; what was paid beyond it goes back`,
    settled: (amount) => `Note that ${amount} was paid in all`,
    debited: (amount) => `Note that ${amount} was debited at the provider`,
    deny_dispute: (amount) => `Turn the report down; ${amount} is due`,
    close_incident: (id) => `Close problem ${id}`,
    close_difference: (id) => `Close difference ${id}`,
    open_wallet: (member) => `Open a wallet for ${member}`,
    top_up_wallet: (member, amount) => `Put ${amount} into the wallet of ${member}`,
    adjust_wallet: (member, amount) => `Adjust the wallet of ${member} by ${amount}`,
    block_member: (member) => `Block member ${member}`,
    unblock_member: (member) => `Unblock member ${member}`,
    charge_visit: (visit, pieces) =>
      `Charge visit ${visit} by hand, ${pieces} ${pieces === 1 ? 'piece' : 'pieces'}`,
    message_member: (member) => `Send member ${member} a message`,
    put_promotions: (count) => `Put ${count} ${count === 1 ? 'promotion' : 'promotions'} in force`,
    put_goods: (number) => `Put catalogue no. ${number} in force`,
    order_update: (release, percent) => `Bring ${release} to ${percent}% of the cabinets`,
    pin_cabinet: (cabinet, release) => `Pin ${cabinet} to ${release}`,
    pause_updates: 'Pause updates',
    resume_updates: 'Resume updates',
    withdraw_release: (release) => `Withdraw release ${release}`,
    unpin_cabinet: (cabinet) => `Let ${cabinet} follow the fleet again`,
  },
};
