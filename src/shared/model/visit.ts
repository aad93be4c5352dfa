export const outOfServiceReasons = [
  'starting', // devices not ready yet after the start
  'lock_unreachable',
  'reader_unreachable',
  'door_open_without_visit', // alarm; nobody is billed
  'storage_failed', // the database cannot be opened; the file is left untouched
  'storage_newer', // the database was written by a newer version
  'profile_unreadable', // the program does not know the devices that are built in
  'not_enrolled', // the operator does not know this cabinet yet
  'no_catalog',
  'nothing_heard', // no goods at all: sold out, or the antenna is off
  'too_many_tags', // more goods in stock than the reader can follow: what is taken could not be told
  'too_warm', // for too long: what lies inside may be spoilt, and staff has to look at it
] as const;
export type OutOfServiceReason = (typeof outOfServiceReasons)[number];

/** What the screen says to a scan that leads nowhere: what is going on instead, and when to scan. */
export const scanAnswers = [
  'recovering',
  'closed', // out of service
  'checking_code', // the code before is being checked
  'account', // "my data" is open: only an enrolment code means something here
  'door_opening',
  'door_open',
  'counting', // the shelf is read for the last time
  'form', // somebody is filling in a form
  'refused', // this is no code that lets in; why: its reason
] as const;
export type ScanAnswer = (typeof scanAnswers)[number];

/** What the shelf says of a product of which there is no or one piece. */
export const stockMarks = ['sold_out', 'last_one'] as const;
export type StockMark = (typeof stockMarks)[number];

/** What somebody is identified for. `account`: for "my data", the door stays shut. */
export const visitPurposes = ['visit', 'account'] as const;
export type VisitPurpose = (typeof visitPurposes)[number];
