import { argon2Sync } from 'node:crypto';
import type { PinTagger } from '../../../main/service/pin-thread.ts';
import { pinHashing } from '../../../shared/model/service.ts';

/** The same Argon2id by Node itself, in the turn in which it is asked for: for tests on a clock of their own. */
export const immediatePinTagger: PinTagger = {
  tag: (pin, salt) => {
    const { memoryKib: memory, passes, lanes: parallelism, tagBytes: tagLength } = pinHashing;
    const given = { message: pin, nonce: salt, memory, passes, parallelism, tagLength };
    return Promise.resolve(argon2Sync('argon2id', given));
  },
  stop: () => Promise.resolve(),
};
