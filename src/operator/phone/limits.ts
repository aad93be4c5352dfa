import { cabinetCodeShownMs } from '../../shared/model/cabinet-code.ts';

/** Every bound of the shopper's page, with its unit in the name. */

/** A one-time link that nobody has used by then is worth nothing; and so many of one member may be open. */
export const linkLifetimeMs = 15 * 60_000;
export const linksOfMemberMax = 5;
/** A session without a request for so long ends, and any after so long: a shop that somebody comes to now and then. */
export const phoneSessionIdleMaxMs = 30 * 86_400_000;
export const phoneSessionMaxMs = 90 * 86_400_000;
/** When somebody was here last is written down to so much. */
export const phoneSessionSeenStepMs = 3_600_000;
/** Sessions of one member at once; a new one ends the oldest. */
export const phoneSessionsMax = 5;
/** From the way to a provider somebody comes back within this time. */
export const providerSignInMaxMs = 10 * 60_000;

/** Calls of one session, and of one member from all of theirs: a page that asks every few seconds, and a hand on it. */
export const callsOfSession = { burst: 40, perS: 1 } as const;
export const callsOfMember = { burst: 80, perS: 2 } as const;
/**
 * Links and codes of providers that come from one address that is not many people's, as far as we know: carriers have many phones
 * behind one. They are 256 bits, so that the bound is for our work alone.
 */
export const signInsOfAddress = { burst: 60, perS: 1 } as const;
/**
 * What nobody has proven yet is looked up so often at the same time (the rest of the database's connections is for others), and
 * so many wait for it.
 */
export const phoneLookups = { max: 4, waitMax: 200 } as const;
/** Of these, sessions that come from one address that is not many people's, and were not found here before. */
export const phoneLookupsOfAddress = 20;
/** Codes of providers that are asked about at the same time. */
export const providerAsks = { max: 8, waitMax: 100 } as const;
/** Bodies of the page's calls that are not pictures. */
export const phoneBodyMaxBytes = 32 * 1024;
/**
 * Pictures that are read at the same time, from all members together and from one; beyond, come again. Each is kept in memory as
 * it comes, and may come slowly: so they are counted before that.
 */
export const photosAtOnceMax = 24;
export const photosOfMemberAtOnceMax = 3;

/** A phone that is farther than this from where its cabinet stands, beyond what its position may be wrong by, opens nothing. */
export const cabinetFarM = 300;
/** No position is so wrong that it says nothing: more than this is not believed. */
export const positionErrorMaxM = 2_000;
/**
 * Without a position, where one could have been had, a code is taken for so long from when it appeared: as long as it is on the
 * screen, and the way to a yes.
 */
export const cabinetCodeWithoutPositionMs = cabinetCodeShownMs + 15_000;

/** Reports of one member in a day, and pictures. */
export const reportsOfDayMax = 20;
export const photosOfDayMax = 20;
/** What a member wrote and showed is kept for so long: as long as somebody may look at it. */
export const reportPhotosKeptMs = 180 * 86_400_000;
