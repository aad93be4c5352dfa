import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signaturesHere, signaturesInPool } from './signatures.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

describe.each([
  ['in this thread', signaturesHere],
  ['in the pool', signaturesInPool],
])('signatures %s', (_, signatures) => {
  it('are those of Ed25519, which are the same each time, and fit their own text and key alone', async () => {
    const signature = await signatures.sign('a text', privateKey);
    expect(signature).toEqual(await signaturesHere.sign('a text', privateKey));
    expect(await signatures.verify('a text', publicKey, signature)).toBe(true);
    expect(await signatures.verify('another text', publicKey, signature)).toBe(false);
    expect(await signatures.verify('a text', generateKeyPairSync('ed25519').publicKey, signature)).toBe(
      false,
    );
    expect(await signatures.verify('a text', publicKey, signature.subarray(1))).toBe(false);
  });

  it('say what went wrong', async () => {
    const other = generateKeyPairSync('x25519').privateKey;
    await expect(Promise.resolve().then(() => signatures.sign('a text', other))).rejects.toThrow();
  });
});
