import { createPrivateKey, createPublicKey, createSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';

/**
 * Signatures of Alipay's gateway (RSA2: RSA-SHA256, base64), as pure functions of texts: nothing here knows a clock, a
 * network or us. What is signed is text as it is sent or as it came, never an object that was read and written again. Keys
 * are PEM, or the bare base64 that Alipay's tools give.
 *
 * The check itself is the official library's. What it leaves open is closed here: it takes the algorithm that a notice
 * names (also the old SHA-1), verifies one part of an answer and reads another one when a name stands there twice, and
 * passes answers over when it has no key.
 */

export type Params = Readonly<Record<string, string>>;

/** What is signed of parameters: all but `sign` that are not empty, sorted by name, as `name=value` joined by `&`. */
export function signContent(params: Params): string {
  return Object.keys(params)
    .filter((name) => name !== 'sign' && params[name] !== '')
    .sort()
    .map((name) => `${name}=${params[name] ?? ''}`)
    .join('&');
}

/** The signature of a request. `params`: its parameters, or the text that `signContent` makes of them. Throws for no key. */
export function sign(params: Params | string, privateKey: string): string {
  const content = typeof params === 'string' ? params : signContent(params);
  return createSign('RSA-SHA256').update(content, 'utf8').sign(privateKeyOf(privateKey), 'base64');
}

/** Why nothing of an answer or a notice counts. */
export type Refusal =
  /** Not the text of an answer, or not a form. */
  | 'shape'
  /** No signature, or one of another kind than RSA2. */
  | 'unsigned'
  /** By none of the keys. */
  | 'signature';

type Refused = { readonly ok: false; readonly refusal: Refusal };
/** `content`: the part of the text that is signed, as it came; JSON of an object. */
export type ProvenResponse = { readonly ok: true; readonly content: string } | Refused;
export type ProvenNotify = { readonly ok: true; readonly params: Params } | Refused;

/**
 * Proves an answer: `text` as it came, of the call `method` (also the name of the answer's member itself), signed by one of
 * the keys. What is verified is the raw text of that member, and that alone is given back to be read. Never throws.
 */
export function verifyResponse(text: string, method: string, publicKeys: readonly string[]): ProvenResponse {
  const members = topMembers(text);
  if (members === null) return { ok: false, refusal: 'shape' };
  const name = method.endsWith('_response') ? method : `${method.replaceAll('.', '_')}_response`;
  // What the gateway refuses before it knows the call.
  const content = members.get(name) ?? members.get('error_response');
  if (!content?.startsWith('{')) return { ok: false, refusal: 'shape' };
  const signature = textOf(members.get('sign'));
  if (signature === null || signature === '') return { ok: false, refusal: 'unsigned' };
  const isProven = publicKeys.some((key) => isSignedBy(content, signature, key));
  return isProven ? { ok: true, content } : { ok: false, refusal: 'signature' };
}

/**
 * Proves a notice: `body` is the form as it came, or its parameters, decoded. Signed is all but `sign` and, of notices about
 * trades, `sign_type`; those of the message service keep it, and no field says which one it is. Never throws.
 */
export function verifyNotify(body: string | Params, publicKeys: readonly string[]): ProvenNotify {
  const params = typeof body === 'string' ? formOf(body) : body;
  if (params === null) return { ok: false, refusal: 'shape' };
  const { sign: signature = '', sign_type: signType, ...signed } = params;
  if (signature === '' || (signType ?? 'RSA2') !== 'RSA2') return { ok: false, refusal: 'unsigned' };
  const contents = [signed, { ...signed, sign_type: signType ?? 'RSA2' }].map(allSorted);
  const isProven = publicKeys.some((key) => contents.some((content) => isSignedBy(content, signature, key)));
  return isProven ? { ok: true, params } : { ok: false, refusal: 'signature' };
}

/** Of a notice, unlike a request, empty parameters are signed too. */
function allSorted(params: Params): string {
  return Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name] ?? ''}`)
    .join('&');
}

function isSignedBy(content: string, signature: string, publicKey: string): boolean {
  try {
    return verifierOf(publicKey).rsaCheck(content, signature, 'RSA2');
  } catch {
    return false;
  }
}

/** By their keys, which are few. To make one costs more than the check itself, and strangers send what is to be checked. */
const verifiers = new Map<string, AlipaySdk>();
const verifiersMax = 64;

/** Throws when it is no key. */
function verifierOf(publicKey: string): AlipaySdk {
  const known = verifiers.get(publicKey);
  if (known !== undefined) return known;
  const alipayPublicKey = publicKeyOf(publicKey).export({ type: 'spki', format: 'pem' }).toString();
  // The library wants an app and its key even where nothing is signed by them.
  const library = new AlipaySdk({ appId: 'verifies', privateKey: 'verifies', alipayPublicKey });
  if (verifiers.size >= verifiersMax) verifiers.clear();
  verifiers.set(publicKey, library);
  return library;
}

/** More parameters than any notice has: such a form is none, before it is taken apart, sorted and verified for whoever sent it. */
const paramsMax = 200;

/** The parameters of a form; null: it is none in UTF-8, or a name stands in it twice. */
function formOf(body: string): Params | null {
  if (body.split('&', paramsMax + 1).length > paramsMax) return null;
  const entries = [...new URLSearchParams(body)];
  const params = Object.fromEntries(entries);
  if (entries.length === 0 || Object.keys(params).length !== entries.length) return null;
  return (params['charset'] ?? 'utf-8').toLowerCase() === 'utf-8' ? params : null;
}

const blank = /[ \t\r\n]*/y;

/** The members of the object that a JSON text stands for, each value as it stands there; null: none, or a name stands in it twice. */
function topMembers(text: string): ReadonlyMap<string, string> | null {
  const members = new Map<string, string>();
  let at = skip(text, 0);
  if (text[at] !== '{') return null;
  do {
    const nameAt = skip(text, at + 1);
    const nameEnd = valueEnd(text, nameAt);
    const name = textOf(text.slice(nameAt, nameEnd));
    at = skip(text, nameEnd);
    if (name === null || text[at] !== ':' || members.has(name)) return null;
    const valueAt = skip(text, at + 1);
    const end = valueEnd(text, valueAt);
    if (end === valueAt) return null;
    members.set(name, text.slice(valueAt, end));
    at = skip(text, end);
  } while (text[at] === ',');
  return text[at] === '}' && skip(text, at + 1) === text.length ? members : null;
}

function skip(text: string, from: number): number {
  blank.lastIndex = from;
  blank.exec(text);
  return Math.max(from, blank.lastIndex);
}

/** Where the value that begins here ends: behind its last bracket or quotation mark, or before what comes after a word. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"') {
      at = stringEnd(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      depth--;
      if (depth <= 0) return depth < 0 ? at : at + 1;
    } else if (depth === 0 && /[,:\s]/.test(character)) return at;
  }
  return text.length;
}

/** Behind the quotation mark that ends the string which begins here. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** The text that a JSON string stands for; null: it is none. */
function textOf(json: string | undefined): string | null {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** Throws when it is none. */
export function privateKeyOf(key: string): KeyObject {
  if (key.includes('-----BEGIN')) return createPrivateKey(key);
  const der = { key: Buffer.from(key, 'base64'), format: 'der' } as const;
  try {
    return createPrivateKey({ ...der, type: 'pkcs8' });
  } catch {
    return createPrivateKey({ ...der, type: 'pkcs1' });
  }
}

/** Throws when it is none. */
export function publicKeyOf(key: string): KeyObject {
  if (key.includes('-----BEGIN')) return createPublicKey(key);
  return createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
}
