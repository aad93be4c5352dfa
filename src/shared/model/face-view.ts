/** What the shopper is asked to do so that a picture cannot: left and right are the shopper's own. */
export const challenges = ['blink', 'turn_left', 'turn_right'] as const;
export type Challenge = (typeof challenges)[number];

/** Why there is no usable picture; each has its own words and the code as the way out. */
export const cameraTroubles = [
  /** No camera, or not the one in the settings; also: unplugged in use. */
  'missing',
  /** Another program has it, or it does not start. */
  'busy',
  'denied',
  /** Pictures come, and all of them are black. */
  'black',
  /** The same picture again and again, or none any more. */
  'frozen',
  /** The worker that looks at the pictures is off: model missing or damaged, no WASM. */
  'face_off',
] as const;
export type CameraTrouble = (typeof cameraTroubles)[number];

/** Version of the texts of notice and consent (i18n `face.notice.*`, `account.consent.*`); a change of their sense is a new one. */
export const faceConsentVersion = '2026-11-25';
