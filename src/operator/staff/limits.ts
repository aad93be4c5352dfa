/** Every bound of accounts and sessions, with its unit in the name. */

/** A one-time token (set-up, invitation, reset) that nobody has used by then is worth nothing. */
export const staffTokenLifetimeMs = 24 * 3_600_000;
/** A session without a request for so long ends, and any after so long (OWASP session management: high-value applications). */
export const sessionIdleMaxMs = 30 * 60_000;
export const sessionMaxMs = 12 * 3_600_000;
/** When somebody was here last is written down to so much. */
export const sessionSeenStepMs = 60_000;
/** Sessions of one account at once; a new one ends the oldest. */
export const sessionsOfAccountMax = 5;
/** So long a browser that has signed in is known, and rows of sessions are kept. */
export const deviceKnownMs = 90 * 86_400_000;
/** Recovery codes that an account is given. */
export const recoveryCodeCount = 10;

/** Tries to sign in from a browser that has done so before, … */
export const triesOfDevice = { burst: 10, perS: 1 / 30 } as const;
/** … from others by address (many people's addresses count for nobody, see origin.ts), … */
export const triesOfAddress = { burst: 20, perS: 1 / 10 } as const;
/**
 * … and by name from all addresses together: about 2,900 a day. Whoever uses them up keeps out only browsers that have never
 * signed in as that person, and those for seconds.
 */
export const triesOfName = { burst: 10, perS: 1 / 30 } as const;
/** Hashes at the same time (each takes 19 MiB), and how many wait for that; beyond, come again. */
export const hashesMax = 2;
export const hashesWaitingMax = 20;
/** One-time tokens that are none, from one address. */
export const tokenTriesOfAddress = { burst: 20, perS: 1 / 10 } as const;
