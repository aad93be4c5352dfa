/** In which the page speaks, and what a member is sent. */
export const phoneLanguages = ['zh', 'en'] as const;

/**
 * How a one-time link stands: `ready`; `used`: somebody has signed in by it; `elsewhere`: another browser has opened it;
 * `over`: too old, or never given out. Of the member it says nothing.
 */
export const linkStates = ['ready', 'used', 'elsewhere', 'over'] as const;
export type LinkState = (typeof linkStates)[number];

/**
 * Why nobody was signed in. `unknown_account`: no member here has agreed by that account; the operator is to be asked.
 * `declined`: the provider does not take what its page has led back with. `not_begun`: not by this browser, or too long ago.
 */
export const signInRefusals = [
  'used',
  'elsewhere',
  'over',
  'unknown_account',
  'declined',
  'not_begun',
  'provider_away',
] as const;
export type SignInRefusal = (typeof signInRefusals)[number];
