import { parentPort } from 'node:worker_threads';
import { argon2id } from 'hash-wasm';
import { pinHashing } from '../../shared/model/service.ts';

/**
 * A thread of its own for the hashes of PINs: each takes tens of milliseconds, in which main would do nothing else. Neither
 * runtime's own crypto can be used: BoringSSL, on which Electron stands, has no Argon2.
 */
export interface HashOrder {
  readonly id: number;
  readonly pin: string;
  readonly salt: Uint8Array;
}
export interface HashDone {
  readonly id: number;
  /** Null: it did not work. */
  readonly tag: Uint8Array | null;
}

async function hash({ id, pin, salt }: HashOrder): Promise<HashDone> {
  const { memoryKib, passes, lanes, tagBytes } = pinHashing;
  try {
    const tag = await argon2id({
      password: pin,
      salt,
      memorySize: memoryKib,
      iterations: passes,
      parallelism: lanes,
      hashLength: tagBytes,
      outputType: 'binary',
    });
    return { id, tag };
  } catch {
    return { id, tag: null };
  }
}

parentPort?.on('message', (order: HashOrder) => {
  void hash(order).then((done) => parentPort?.postMessage(done));
});
