/**
 * Why a cabinet's code opens nothing. `malformed`: none of a cabinet; `unknown_cabinet`, `forged`: none of ours; `expired`:
 * scan what is shown now; `used`: somebody was first; `too_far`: the phone is not where the cabinet stands;
 * `other_cabinet`: not the one that the member has said yes to.
 */
export const cabinetRefusals = [
  'malformed',
  'unknown_cabinet',
  'forged',
  'expired',
  'used',
  'too_far',
  'other_cabinet',
] as const;
export type CabinetRefusal = (typeof cabinetRefusals)[number];
