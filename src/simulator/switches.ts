/** Names of the switches; pure, because the panel's page shows them too. */

/**
 * What may be wrong between a device and the kiosk. Faults act on whole frames (a HID report is one), so that each says
 * exactly what the kiosk meets:
 *   silent        the device is dead: it neither obeys nor answers
 *   mute          it obeys, but its answers are lost
 *   noise         a few random bytes before each answer (seen on real 485 lines)
 *   garbage       random bytes instead of each answer
 *   cut           each answer ends early
 *   bad_checksum  each answer is whole but for its check byte
 *   late          each answer comes `lateMs` after its time, when the kiosk has given up
 *   doubled       each answer comes twice
 *   dribble       each answer comes byte by byte
 *   flood        random bytes all the time, with the answers in between
 *   echo          the device is dead, and its half-duplex line gives back what the kiosk writes
 */
export const lineFaults = [
  'none',
  'silent',
  'mute',
  'noise',
  'garbage',
  'cut',
  'bad_checksum',
  'late',
  'doubled',
  'dribble',
  'flood',
  'echo',
] as const;
export type LineFault = (typeof lineFaults)[number];

/**
 * up            bytes go both ways, requests `delayMs` late
 * cut           connections are reset, new ones as well: the cable is out
 * blackhole     connections open, nothing ever arrives: a dead mobile link
 * drop-replies  requests arrive, the reply is lost and the connection breaks: what makes a charge in doubt
 */
export const networkModes = ['up', 'cut', 'blackhole', 'drop-replies'] as const;
export type NetworkMode = (typeof networkModes)[number];

export const networkDelayMaxMs = 60_000;
