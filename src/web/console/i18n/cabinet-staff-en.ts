import type { cabinetStaffZh } from './cabinet-staff-zh.ts';

export const cabinetStaffEn: typeof cabinetStaffZh = {
  heading: 'Staff at cabinets',
  lead: 'Who may open service mode on a cabinet’s screen. Without a network a cabinet goes by its last list, 30 days.',
  add: 'Add somebody',
  empty: 'Nobody yet. Without anybody nobody can open service mode.',
  staffNo: 'Staff number',
  staffNoHint: '4 to 6 digits; it cannot be changed.',
  name: 'Name',
  role: 'May',
  roles: { restocker: 'Restocker', technician: 'Technician', administrator: 'Administrator' },
  roleCan: {
    restocker: 'Open the door, restock, accept what is counted.',
    technician: 'Also test devices, and switch the light.',
    administrator: 'Also send charges, and read the record.',
  },
  cabinets: 'Cabinets',
  cabinetsHint: 'Their numbers, with spaces between; empty: all.',
  all: 'All cabinets',
  reason: 'Why',
  set: 'Change',
  pin: 'New PIN',
  code: 'One-time code',
  remove: 'Has left',
  save: 'Save',
  give: 'Give it',
  hasPin: 'has a PIN',
  noPin: 'no PIN',
  gone: 'has left',
  pinLead:
    'A new PIN by chance, shown once. The one before counts no more, nor one that they have set at a cabinet.',
  codeLead:
    'Lets them in once at one cabinet, also without a network, to set a PIN. Earlier codes for it count no more then.',
  removeLead: 'Cabinets with a network let them in no more within minutes.',
  cabinet: 'Cabinet number',
  givenPin: (staffNo) => `The PIN of number ${staffNo}`,
  givenPinLead:
    'Shown this once, for them alone. Under duress they type the second one: it opens as always, and we are told.',
  duress: 'Under duress',
  givenCode: (staffNo, cabinetId) => `One-time code of number ${staffNo} at ${cabinetId}`,
  givenCodeLead: (until) => `Shown this once; it can be read out. Good until ${until}.`,
  bad: 'Number, name or cabinets are not right. Please look again.',
};
