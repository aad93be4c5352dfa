import type { OfflineCaps } from '../shared/model/offline-policy.ts';
import { defaultOfflineCaps, offlinePolicyLifeMs } from '../shared/model/offline-policy.ts';

/** Every bound of the operator service, with its unit in the name. */

/** A member code is taken this much beyond its time, both ways: the way from the scanner to here, and clocks apart. */
export const memberCodeGraceMs = 5_000;

/**
 * The member code that a scan of a cabinet's own code leads to is good for so long, and the grace. It goes straight to the cabinet,
 * which is waiting for it; later, after a network that was away, somebody else may stand there. Who is still there scans again.
 */
export const scanLifetimeS = 10;

/** A key for member codes is replaced by a new one after this. */
export const memberCodeKeyAgeMaxMs = 30 * 86_400_000;
/** The keys are read from the database anew after this, … */
export const memberCodeKeysReadEveryMs = 60_000;
/** … and at a code of an unknown key, at most this often. */
export const memberCodeKeysReadAgainMs = 1_000;
/** A policy for opening offline is issued anew after this, … */
export const offlinePolicyEveryMs = 3_600_000;
/** … and at once when who is suspended, the keys or the caps have changed: looked at by each instance this often at most. */
export const offlinePolicyCheckMs = 60_000;
/**
 * A key for member codes is made so long before it signs, so that whoever is offline by a policy that is still good knows the
 * keys of all codes.
 */
export const memberCodeKeyLeadMs = offlinePolicyLifeMs + offlinePolicyEveryMs + offlinePolicyCheckMs;
/**
 * The key before counts for so long after that: an instance may sign with it until it reads them anew, and its last codes are
 * good for a minute.
 */
export const memberCodeKeyOverMs = 10 * 60_000;
/**
 * What was issued (caps, and public keys of member codes) is known for so long since: a charge may come 30 days after the
 * visit, and a policy is good for three days.
 */
export const offlineIssueKeptMs = 45 * 86_400_000;
/** When a member was let in last is written down to so much, ms. */
export const verifiedStepMs = 3_600_000;
/** That the sum of what may be owed offline is beyond its bound is told again after this, where people have closed it. */
export const offlineRiskToldEveryMs = 86_400_000;
/** Visits of one cabinet that are compared with its caps; one that has more at a time has broken them. */
export const offlineComparedMax = 500;
/** A member is told of so many things at most: the newest. */
export const noticesOfMemberMax = 200;
/** What people write to members: so many to one in a day; they end after so long, read or not. */
export const messagesOfMemberDayMax = 20;
export const messageKeptMs = 90 * 86_400_000;
/** So many of them are told, the newest; no more can be there. */
export const messagesToldMax = 200;

/** "My data" is open this long at most after its code: the screen leaves after a minute without a touch. */
export const accountVisitMs = 10 * 60_000;

/** PUT of a charge waits this long for the first debit, so that the shopper usually reads "paid" at once. */
export const debitWaitMs = 800;
/** A cabinet code is taken this much beyond its time, both ways: cabinets know our time to a second or so. */
export const cabinetCodeGraceMs = 5_000;
/** While a cabinet waits for a scan, the database is looked at this often: another instance may have taken the scan. */
export const qrSignInPollMs = 1_000;
/** While cabinets wait for a change of what is decided for them, the database is looked at this often, once for all of them. */
export const desiredStatePollMs = 1_000;
/** So many cabinets may wait for that at one instance; further ones poll. */
export const desiredStateWaitersMax = 15_000;
/** What has changed is fetched by so many cabinets in a second. */
export const changeFetchesPerS = 500;
/** One person alone may bring a release to so many of all cabinets, … */
export const updateAlonePercentMax = 5;
/** … and pin so many that follow the fleet no more. */
export const pinnedAloneMax = 20;
/** Which cabinet a scan's code was made for is known for so long: a charge from offline may bring it to another one's name. */
export const qrSignInKeptMs = 45 * 86_400_000;

/** A provider call without an answer after this long is in doubt. */
export const providerTimeoutMs = 10_000;
/** A leased charge is nobody else's for this long: more than a query and a debit that both run into their bound. */
export const debitLeaseMs = 3 * providerTimeoutMs;
/** How long after a number was sent a provider's "not found" may still mean "not yet": for a provider of which nothing shorter is known. */
export const settlingMs = 15 * 60_000;
/** A debit of the wallet that has not begun by then is not begun any more … */
export const walletBeginMaxMs = 10_000;
/** … so that after this time nothing of it is on its way: the ledger is our own. */
export const walletSettlingMs = 30_000;
/** What may be in one wallet after it was topped up, and what is put into it at once, minor units. */
export const walletBalanceMaxMinor = 100_000;
export const walletTopUpMaxMinor = 100_000;
/** Entries of a wallet that are given out at once. */
export const walletStatementMax = 100;
/** Findings of one kind that an audit of the wallet's ledger names, and how long it may take. */
export const walletFindingsMax = 100;
export const walletAuditMs = 10 * 60_000;
/**
 * Within that time it is asked again so long after the number was sent, then so often, and at its end. No wait is long: a
 * clock that is set forward by less than a wait is not noticed (debitLateMaxMs).
 */
export const settlingFirstAskMs = 15_000;
export const settlingAskEveryMs = 60_000;
/**
 * A debit about which the provider has said nothing for so long waits for people, who are told; time in which nobody looked
 * is not counted. A night in which the provider is away passes without them.
 */
export const unansweredMaxMs = 24 * 3_600_000;
/** People are told of a debit that could not be sent so often in a row, and so often again: about once a day. */
export const unsentTellEvery = 360;
/** A query that comes later than planned by more than this: what lies between was watched by nobody, and is not counted. */
export const debitLateMaxMs = 30_000;
/** What a cabinet was told anew (prices, promotions) it may not go by yet: an answer may be on its way, or lost and asked for again. */
export const tellingMs = 15 * 60_000;
/** A cabinet's word for when it opened may be so far from our own clock, either way. */
export const openingOffMs = 2 * 60_000;
/** By so much what a cabinet says of how long ago it sent a charge may be too little, beside our own clock. */
export const sentAgoOffMs = 1_000;
/** Charges with one provider at the same time. */
export const debitConcurrencyMax = 16;
/**
 * Of those so many transactions at the same time, at the beginning and at the end (debits/debits-together.ts): while one is
 * written the next ones gather.
 */
export const debitGroupsMax = 1;
/** The worker looks for due charges at least this often (other instances may leave some behind). */
export const workerPollMaxMs = 5_000;
/** On close, running debits get this long; what is still out is in doubt and is queried after the next start. */
export const closeWaitMs = 2_000;

/** A provider's notice, in bytes; notices of one address that nobody has signed. */
export const noticeBodyMaxBytes = 64 * 1024;
export const failedNoticesOfAddress = { burst: 100, perS: 1 } as const;
/** Open connections to the port for notices and pay pages, as `connectionsOpen`; and above all of them, as `connectionsMax`. */
export const noticeConnectionsOpen = { ofAddress: 50, ofNetwork: 100, ofAll: 200 } as const;
export const noticeConnectionsMax = noticeConnectionsOpen.ofAll + 50;
/** The same for the support console, which people use: its longest body, and connections. */
export const consoleBodyMaxBytes = 32 * 1024;
/** Forty promotions, each with the most goods and cabinets. */
export const consolePromotionsBodyMaxBytes = 512 * 1024;
/** With a spreadsheet of goods in it (`goodsFileMaxBytes`, in base64). */
export const consoleGoodsBodyMaxBytes = 11 * 1024 * 1024;
/** With a picture of goods in it (`pictureMaxBytes`, in base64). */
export const consolePictureBodyMaxBytes = 400 * 1024;
export const consoleConnectionsOpen = { ofAddress: 50, ofNetwork: 200, ofAll: 1_000 } as const;
export const consoleConnectionsMax = consoleConnectionsOpen.ofAll + 50;
/** What one person does without a second is counted together for so long; of all things so many times what one may come to. */
export const aloneWithinMs = 24 * 3_600_000;
export const aloneInAllTimes = 5;
/** What waits for a second person: for so long, and so many. Rows of a page of the log; lists that are taken away at once. */
export const consoleProposalLifeMs = 24 * 3_600_000;
export const consoleProposalsMax = 200;
/** … of which one account may have so many: nobody keeps the others from theirs. */
export const consoleProposalsOfOneMax = 50;
/** Spreadsheets that are tried, of all people together: each holds the service's one thread for up to a second. */
export const consoleGoodsChecks = { burst: 10, perS: 0.2 } as const;
export const consoleLogPageMax = 100;
export const consoleExportsMax = 2;
/** Charges are looked for so far back where nothing is said. */
export const consoleSearchBackMs = 90 * 86_400_000;
/** Scans of "pay now" by numbers that are none, of one address that is not many people's (`sharedAddresses`). */
export const payGuessesOfAddress = { burst: 30, perS: 0.5 } as const;
/** Numbers that are looked up for pay pages at the same time (the rest of the database's connections is for others), and wait for it. */
export const payLookupsMax = 2;
export const payLookupsWaitMax = 200;
/**
 * How often the provider is asked because this one debt is scanned, however many scan it; beyond, whoever comes is led to the
 * page of before, for so long. So many of them are remembered.
 */
export const paySearchesOfCharge = { burst: 10, perS: 0.2 } as const;
export const payPageKeptMs = 60_000;
export const payPagesKeptMax = 1_000;

/** Back-off while the provider cannot be reached (docs/payments.md#at-the-operator). */
export const unreachableRetry = { firstMs: 200, capMs: 5 * 60_000 } as const;
/**
 * After the database was put back a cabinet is waited for so long. It asks at least every 5 min about what is not paid (`askDelayMs` in
 * core/charge/delivery.ts), and one that has no network may have heard the end of it before.
 */
export const putBackWaitMs = 6 * 3_600_000;
/**
 * A debt that its member has on screen is looked at in the provider's book at most so often; who asks for the list waits so
 * long for that, so that with the cabinet's own wait (3 s) what is paid elsewhere is told within 5 s.
 */
export const lookAgainAfterMs = 1_000;
export const lookWaitMs = 1_200;
/** So many at once in one instance, and so many that were looked at last are remembered. */
export const looksMax = 200;
/** How often a provider that collects by itself is asked how it stands. */
export const collectedQuery = { firstMs: 60_000, capMs: 6 * 3_600_000 } as const;
/** What was declined is asked for again by this (debits/collection-schedule.ts); hours are of the operator's time zone. */
export const collection = {
  /** The first time so soon, but not outside of these hours: banks tell their customers of each try. */
  firstRepeatMs: 3_600_000,
  dayBegins: 8,
  dayEnds: 21,
  /** Later at this hour, and up to so much after it. */
  hour: 10,
  spreadMs: 3_600_000,
  /** The member is told again on these days after the first decline. */
  remindOnDays: [3, 10, 20],
  /** Then it ends by itself, and people decide. */
  endsAfterMs: 30 * 86_400_000,
  /**
   * Declines in that time after which nothing is asked by itself any more, whatever else happens; card networks count at
   * most 15 tries within 30 days.
   */
  declinesMax: 12,
} as const;
/** What is declined for a reason that may pass is asked for again within this, by day. */
export const firstRepeatMaxMs = collection.firstRepeatMs + collection.spreadMs;
/** No wait is longer: what is due later than this was written while the clock was ahead, and is due now. */
export const dueMaxMs = collectedQuery.capMs;
/** The same of what is in collection and not in doubt. */
export const collectionDueMaxMs = 11 * 86_400_000;

/** Requests whose key and nonce are looked up, or used up, in one statement, and such statements at the same time. */
export const claimGroupMax = 64;
export const claimGroupsMax = 1;
/** Nonces of requests that nobody can replay any more are removed about this often. */
export const noncePurgeEveryMs = 60_000;

/** Largest body to a path that there is not, in bytes: it is read before the answer. */
export const strayBodyMaxBytes = 1024;
/**
 * Bodies that are under way before their sender is known: of one address (and again so much in the name of each cabinet that
 * there is: many may stand behind one address), of a network whomever it names, and of all. Cabinets from before version 2
 * of the API prove who they are with the body only; enrolments have room of their own, of the same sizes.
 */
export const unprovenBodies = {
  ofOne: { countMax: 64, bytesMax: 4 * 1024 * 1024 },
  ofNetwork: { countMax: 256, bytesMax: 16 * 1024 * 1024 },
  ofAll: { countMax: 2_000, bytesMax: 64 * 1024 * 1024 },
} as const;
/** Bodies that are under way of one cabinet that has proven who it is, and of all such. */
export const provenBodies = {
  ofOne: { countMax: 32, bytesMax: 4 * 1024 * 1024 },
  ofAll: { countMax: 4_000, bytesMax: 256 * 1024 * 1024 },
} as const;
/** A network, of IPv6, has so many times as much as one of its addresses, whichever of them it uses. */
export const addressesOfNetwork = 4;
/**
 * Open connections to the API: far more than a fleet has. Those of one address: many cabinets may stand behind one (a site, a
 * carrier's translator); of a network; and of all. Beyond, the one that has waited longest for a proof is ended.
 */
export const connectionsOpen = {
  ofAddress: 1_000,
  ofNetwork: addressesOfNetwork * 1_000,
  ofAll: 20_000,
} as const;
/** Above all of them, for those that end and are not gone yet; further ones are closed at once, and cabinets try again. */
export const connectionsMax = connectionsOpen.ofAll + 1_000;
/** A connection without a request under way is ended; a cabinet leaves its own after 20 s. */
export const connectionIdleMaxMs = 30_000;
/** One with a request on which no byte has come or gone for so long: its peer does not read, or is gone. Longer than any answer is waited for. */
export const connectionSilentMaxMs = 60_000;
/** Failed proofs of one address; beyond, its requests without a proof are asked to come again later. */
export const failedProofsOfAddress = { burst: 300, perS: 5 } as const;
/**
 * The same for requests in the name of an enrolled cabinet in one network, beside those of the address: a stranger behind the
 * same address cannot shut a cabinet out by what he sends in nobody's name, …
 */
export const failedProofsOfCabinetInNetwork = { burst: 200, perS: 50 } as const;
/** … and of all addresses together: while there is room here, an enrolled cabinet's name is enough to be looked at. */
export const failedProofsOfAll = { burst: 2_000, perS: 500 } as const;
/** Whoever has proven to be a cabinet at an address is looked at there whatever others do, for so long after each proof, … */
export const provenCountsMs = 10 * 60_000;
/**
 * … while no more than these fail in its name there, and then by the key of that proof alone. Far more than a cabinet with
 * an old key or a wrong clock sends.
 */
export const failedProofsOfProven = { burst: 1_000, perS: 200 } as const;
/** Which cabinets there are is read again this often at most, when an unknown one is named. */
export const enrolledReadEveryMs = 10_000;
/** Enrolments of one address without the token of a cabinet; beyond, only who has one is let in. */
export const enrolmentsOfAddress = { burst: 30, perS: 0.5 } as const;
/** Requests of one cabinet: far more than one that empties a queue after a long time without network sends. */
export const requestsOfCabinet = { burst: 1_000, perS: 100 } as const;
/**
 * Of these, those with a large answer (`isReplyLarge`), of each kind: one costs as much as a hundred others. A cabinet asks for
 * the purchases that are on its screen every 3 s, for the rest once a minute.
 */
export const largeRepliesOfCabinet = { burst: 20, perS: 1 } as const;
/** Addresses or cabinets that one limit remembers; those that it has forgotten begin anew. */
export const rateKeysMax = 20_000;
/** An enrolment token that nobody has used by then is worth nothing. */
export const enrolTokenLifetimeMs = 24 * 3_600_000;
/**
 * Disputes of one cabinet in a day whose charges are not here yet. A charge waits for its disputes, so an honest cabinet
 * has few: it is asked to come again, and each charge that arrives makes room.
 */
export const awaitingDisputesMax = 50;
export const awaitingDisputesPerMs = 24 * 3_600_000;
export const awaitingDisputesRetryS = 300;
/**
 * A report that is so much older than when it came may have come before, and be lost with a database that was put back:
 * cabinets tell it again after a day and later.
 */
export const reportOldMs = 12 * 3_600_000;
/**
 * Charges of one cabinet in a day whose visit is not known (charges/evaluate-charge.ts, `isVisitKnown`). An honest cabinet has
 * them only after this database was put back: as many as it has sold since, and what is beyond waits. The queue of a cabinet
 * from before `ApiError.othersMayCome` stands still for the seconds that it is asked to, so these are few.
 */
export const chargesWithoutVisitMax = 500;
export const chargesWithoutVisitPerMs = 24 * 3_600_000;
export const chargesWithoutVisitRetryS = 10;
/** Other bodies by the number of one charge that are in its history. */
export const conflictsOfChargeMax = 20;
/**
 * Withdrawals of one cabinet, within `accountVisitMs`, of faces that are not here: an honest one has few, as each enrolment
 * needs a code of a member. Beyond, it is asked to come again.
 */
export const earlyWithdrawalsMax = 200;
export const earlyWithdrawalsRetryS = 60;
/** A face from before there were enrolments counts for 30 days since it was taken over; a day more is room for clocks. */
export const claimedFaceMaxMs = 31 * 86_400_000;
/** Alarms of one kind and share (`alarmShareOf`) listed of a cabinet in a day; the last one says that there are more. */
export const alarmsOfKindMax = 200;
export const alarmsOfKindPerMs = 24 * 3_600_000;
/** What is said of one matter that goes on is kept to this length, characters; of more the last. */
export const incidentDetailMaxLength = 5_000;
/** Incidents of one kind that one cabinet can bring about in a day; the last one says that there are more. */
export const incidentsOfKindMax = 20;
export const incidentsOfKindPerMs = 24 * 3_600_000;

/**
 * A visit that was allowed, and of which neither charge nor report has come for so long, is listed for people; and so is
 * one whose charge has not come so long after the report that it follows.
 */
export const visitSilentMs = 2 * 3_600_000;
/** How often such visits are looked for, and how many are taken up at once. */
export const visitWatchEveryMs = 60_000;
export const visitWatchBatchMax = 100;

/**
 * How long whoever stands at the door waits for an order to be opened: of the 2.5 s that the cabinet waits for us. Without an
 * answer the door opens, and the debit opens the order.
 */
export const orderOpenMaxMs = 1_500;
/** Orders that are being opened at the same time; beyond, the debit opens them. */
export const orderOpensMax = 64;
/** How often orders are looked for that are to be closed, and how many are closed at once. */
export const orderCloseEveryMs = 10_000;
export const orderClosesMax = 8;
/** One that is being closed is nobody else's for so long. */
export const orderLeaseMs = 3 * providerTimeoutMs;
/** While its charge is not settled an order is looked at again after this. */
export const orderLookAgainMs = 6 * 3_600_000;
/**
 * What is not closed is tried again, so often (about eight days: no hold of a card lives longer); people are told after this
 * many tries (about ten minutes).
 */
export const orderCloseRetry = { firstMs: 5_000, capMs: 3_600_000 } as const;
export const orderCloseTriesMax = 200;
export const orderCloseTellAfter = 8;

/** How often what is due to be paid back is looked for, and how many refunds are under way at once. */
export const refundEveryMs = 60_000;
export const refundsMax = 8;
/** One that is under way is nobody else's for so long: a query and a refund that both run into their bound. */
export const refundLeaseMs = 3 * providerTimeoutMs;
/** No answer to build on: it is asked about again, so often in a row (about two days); then people do it. */
export const refundRetry = { firstMs: 5_000, capMs: 3_600_000 } as const;
export const refundTriesMax = 60;
/** One that the provider has taken is asked about after as long as it has been on its way, within these, … */
export const refundPending = { firstMs: 60_000, capMs: 6 * 3_600_000 } as const;
/** … and after so long people look; banks take up to ten working days. */
export const refundPendingMaxMs = 20 * 86_400_000;
/** Refunds of one charge; what is due beyond people pay back. */
export const refundsOfChargeMax = 99;

/**
 * How often it is looked for sign-ups to ask about, and how many are asked about at once. One is asked about after an eighth of
 * its age, within these bounds, and once more when it has ended; while nobody answers so long after that.
 */
export const signUpEveryMs = 3_000;
export const signUpLooksMax = 8;
export const signUpLook = { leastMs: 3_000, mostMs: 60_000 } as const;
export const signUpGiveUpMs = 24 * 3_600_000;
/** One that is being asked about is nobody else's for so long. */
export const signUpLeaseMs = 3 * providerTimeoutMs;
/**
 * A provider that was to end an agreement and has not answered is asked again after as long as that has lasted, within these
 * bounds; so many are asked in a row.
 */
export const agreementEndWait = { leastMs: 3 * providerTimeoutMs, mostMs: 86_400_000 } as const;
export const agreementEndLooksMax = 20;
/** Of one that is silent for so long people are told; for so long it is asked at all. */
export const agreementEndTellAfterMs = 86_400_000;
export const agreementEndGivenUpAfterMs = 30 * 86_400_000;
/** One that ends sooner is not given out again: another takes its place. */
export const signUpLeftMinMs = 5 * 60_000;
/** Of one member in a day; beyond, later. */
export const signUpsOfDayMax = 20;
/** How long one that has ended is kept. */
export const signUpKeptMs = 90 * 86_400_000;

/** Deepest nesting of a charge body (it needs 4). */
export const jsonDepthMax = 16;
/** Members of one list or object in a body, and values in all of it: a charge of 1,000 lines has 500 and about 8,000. */
export const jsonMembersMax = 1_000;
export const jsonValuesMax = 20_000;
/** A client that has not sent its whole request after this long is cut off. */
export const requestReceiveTimeoutMs = 30_000;
/** How often the server looks for such clients. */
export const receiveCheckEveryMs = 1_000;

/** The database's time is measured this often … */
export const databaseTimeEveryMs = 60_000;
/** … and an answer that took longer than this says too little about it. */
export const databaseTimeRoundTripMaxMs = 1_000;
/** A host whose own clock is off by more is named in the log. */
export const hostClockOffMs = 5_000;

/** For whoever runs the service (operations/): connections, how long a check waits, how old what waits may be told, ms. */
export const operationsConnectionsMax = 50;
export const readyCheckMaxMs = 2_000;
export const backlogReadEveryMs = 5_000;
/** A worker whose last turn is longer ago than this is not alive: more than a poll and a statement that runs into its bound. */
export const workerAliveMaxMs = 30_000;

/** Scheduled work (jobs/): its own connections to PostgreSQL, the longest statement, the longest run of one job. */
export const jobConnectionsMax = 2;
export const jobStatementMaxMs = 60_000;
export const jobRunMaxS = 1_800;
/** On close a running job gets this long; another instance, or the next start, takes it up again. */
export const jobStopMaxMs = 5_000;
/** A database that does not let the jobs begin is tried again after this. */
export const jobsStartRetryMs = 60_000;

/** A provider's bill of one day (reconciliation/): bytes unpacked, lines, lines that go to the database at once. */
export const billBytesMax = 64 * 1024 * 1024;
export const billLinesMax = 200_000;
export const billBatchMax = 1_000;
/** A bill that is not there so long after its day is missing, and people are told; it is asked for this many days back, hourly. */
export const billMissingAfterMs = 36 * 3_600_000;
export const billLookBackDays = 14;
/** Of a time in which nothing ran so many days are made up for: providers keep bills for three months (WeChat Pay) and longer. */
export const billMadeUpDays = 88;
/** Visits of which nothing was heard that are looked at in one run, the newest; an honest fleet has a handful. */
export const silentVisitsMax = 10_000;

/**
 * Charges that are taken in one transaction (charges/charge-intake.ts) and such transactions at the same time; they leave
 * connections for everything else.
 */
export const chargeGroupMax = 64;
export const chargeGroupsMax = 2;
/** Connections to PostgreSQL. */
export const databaseConnectionsMax = 10;
export const databaseTimeouts = { connectMs: 5_000, statementMs: 10_000 } as const;

/** What is old is removed so many rows at once. */
export const retentionBatchMax = 1_000;
/** A host's clock and the database's agree when they are this close; while they do not, nothing is removed for its age. */
export const clocksAgreeMs = 86_400_000;
const dayMs = 86_400_000;
/** How long what is kept that is not about money, as long as it can matter. Table: docs/retention.md. */
export const keptMs = {
  visits: 90 * dayMs,
  notices: 90 * dayMs,
  endedEnrolments: 31 * dayMs,
  /** An enrolment is refused anyway `accountVisitMs` after its code; the rest is room for clocks. */
  earlyWithdrawals: dayMs,
  undeletedFaces: 400 * dayMs,
  alarms: 400 * dayMs,
  stockDifferences: 400 * dayMs,
  evidence: 180 * dayMs,
  supportBundles: 30 * dayMs,
  /** No charge of such a price is believed any more after half of that (`chargeAgeMaxMs`). */
  endedPrices: 60 * dayMs,
  closedIncidents: 400 * dayMs,
} as const;

/** A charge that says it is older than this, or whose visit is, waits for a human; prices are known as long. */
export const chargeAgeMaxMs = 30 * 86_400_000;
/** Catalogues of the console that were in force and are kept, to go back to; and that were made and not put in force. */
export const catalogsPutMax = 50;
export const catalogsDraftedMax = 10;
/** Pictures of goods: four of a full catalogue; one that no catalogue names goes when room is needed, after a day. */
export const goodsPicturesMax = 2_000;
export const goodsPictureUnusedMs = 86_400_000;
/** The sums of a day's charges are those of the last 24 h. */
export const capDayMs = 86_400_000;
/**
 * Visits of one member at one cabinet on one day, by code and by face each, and as often into "my data": many times what
 * anybody comes.
 */
export const visitsOfDayMax = 100;

/** What the operator allows a member and a cabinet; the amounts are minor units of the catalogue's currency. */
export interface Policy {
  /** Over it a visit is debited all the same, and a human looks; the shopper is warned before (docs/payments.md#caps). */
  readonly visitMaxMinor: number;
  /** At this many charges in collection the door stays shut for the member. */
  readonly unpaidMaxCount: number;
  /** At this exposure (visits/exposure.ts) the door stays shut for the member. */
  readonly unpaidMaxMinor: number;
  /** What an open visit counts in the exposure until its charge comes: a usual purchase, not the dearest … */
  readonly visitReserveMinor: number;
  /** … and for how long, when none comes. */
  readonly visitReserveMs: number;
  /** Held lines of a charge that is otherwise settled count for so long. */
  readonly heldCountsMs: number;
  /** No second visit while one is open at another cabinet. */
  readonly oneOpenVisit: boolean;
  /** What is charged beyond these within a day, for one member or at one cabinet, waits for a human. */
  readonly memberDayMaxMinor: number;
  readonly cabinetDayMaxMinor: number;
  /** The same for a face that is known by its cabinet's word alone (members/face-enrolments.ts). */
  readonly claimedVisitMaxMinor: number;
  readonly claimedDayMaxMinor: number;
  /** How far cabinets may go without a network; null: none opens then. */
  readonly offline: OfflineCaps | null;
  /** What all cabinets together, and one member who goes to each, may come to owe offline; beyond it people are told. */
  readonly offlineRiskMax: { readonly fleetMinor: number; readonly memberMinor: number };
  /** A debt whose collection has ended shuts the door whatever its sum, until it is paid or written off. */
  readonly endedDebtLocks: boolean;
  /** What people decide about more money than this, a second one has to agree to. */
  readonly secondPersonAboveMinor: number;
  /** Where members live (IANA): accounts are asked again at its civil hours. */
  readonly timeZone: string;
}
/** Sums and count per person as in docs/payments.md#caps. */
export const defaultPolicy: Policy = {
  visitMaxMinor: 20_000,
  unpaidMaxCount: 2,
  unpaidMaxMinor: 6_000,
  visitReserveMinor: 2_000,
  visitReserveMs: 30 * 60_000,
  heldCountsMs: 24 * 3_600_000,
  oneOpenVisit: false,
  memberDayMaxMinor: 50_000,
  cabinetDayMaxMinor: 1_000_000,
  claimedVisitMaxMinor: 3_000,
  claimedDayMaxMinor: 6_000,
  offline: defaultOfflineCaps,
  // Of 100 cabinets with these caps.
  offlineRiskMax: { fleetMinor: 20_000_000, memberMinor: 600_000 },
  endedDebtLocks: true,
  secondPersonAboveMinor: 20_000,
  timeZone: 'Asia/Shanghai',
};

/** Ends of a cabinet's record of charges that are kept: more than it has requests under way. */
export const chainEndCountMax = 32;
