import type { KeyObject } from 'node:crypto';
import { sign, verify } from 'node:crypto';

type MaybePromise<T> = T | Promise<T>;

/** Makes and checks Ed25519 signatures: the dearest single thing that is done for a request. */
export interface Signatures {
  verify(text: string, key: KeyObject, signature: Uint8Array): MaybePromise<boolean>;
  sign(text: string, key: KeyObject): MaybePromise<Buffer>;
}

/** At once, in this thread: for virtual time, in which nothing may come later because a machine is busy. */
export const signaturesHere: Signatures = {
  verify: (text, key, signature) => verify(null, Buffer.from(text), key, signature),
  sign: (text, key) => sign(null, Buffer.from(text), key),
};

/** In Node's pool of threads, while this thread does other requests: for the program. */
export const signaturesInPool: Signatures = {
  verify: (text, key, signature) =>
    new Promise((resolve, reject) => {
      verify(null, Buffer.from(text), key, signature, (error, fits) => {
        if (error === null) resolve(fits);
        else reject(error);
      });
    }),
  sign: (text, key) =>
    new Promise((resolve, reject) => {
      sign(null, Buffer.from(text), key, (error, signature) => {
        if (error === null) resolve(signature);
        else reject(error);
      });
    }),
};
