import type { serviceSupportZh } from './service-support-zh.ts';
import type { Widen } from './shape.ts';

export const serviceSupportEn: Widen<typeof serviceSupportZh> = {
  effect:
    'Packs how this cabinet is doing: log, versions, devices, settings, results of tests, how many charges wait. ' +
    'No faces, codes, keys or names of members are in it.',
  toOperator: 'Send to the operator',
  toStick: 'Save to a USB stick',
  noNetwork: 'There is no network now: save it to a USB stick.',
  failure: {
    no_stick: 'There is no USB stick. Plug one in, wait a few seconds, and try again.',
    many_sticks: 'More than one USB stick is plugged in. Leave one.',
    stick_unsafe: 'The name is taken on the stick, or it is no plain stick. Use another one.',
    stick_full: 'The stick is full. Make room, or use another one.',
    stick_read_only: 'The stick cannot be written. Look for its switch, or use another one.',
    stick_pulled: 'The stick does not answer; it may have been pulled out. Plug it in and try again.',
    stick_failed: 'It was not written. Try another stick.',
    not_made: 'It could not be put together. Restart the cabinet and try again, or call support.',
    offline: 'The operator cannot be reached. Check the network, or use a USB stick.',
    operator_refused: 'The operator did not take it. Use a USB stick, and call support.',
    operator_has_enough: 'The operator has got enough of them today. Call support, or use a USB stick.',
  },
};
